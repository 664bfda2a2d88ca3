/** The place to write: Enter sends, Shift and Enter begin a line, Escape stops who is answering. */
import { useId } from 'react';
import { IconButton } from '../../../ui/Button.tsx';
import { SendIcon, StopIcon } from '../../../ui/icons.tsx';
import { useFirstFocus } from '../../../ui/useFirstFocus.ts';
import styles from './Composer.module.css';
import { useDraft } from './useDraft.ts';

interface ComposerProps {
  /** Under which the unsent text is kept over a reload. */
  readonly draftKey: string;
  readonly placeholder: string;
  readonly onSend: (text: string) => void;
  readonly onTyping?: () => void;
  /** Stops the run under way, where there is one. */
  readonly onStop?: (() => void) | undefined;
  readonly isStopping?: boolean;
  readonly isBusy?: boolean;
}

export function Composer(props: ComposerProps) {
  const { draftKey, placeholder, onSend, onTyping, onStop, isStopping, isBusy = false } = props;
  const [text, setText] = useDraft(draftKey);
  const field = useFirstFocus<HTMLTextAreaElement>();
  const hint = useId();
  const isEmpty = text.trim() === '';

  const send = () => {
    if (isEmpty || isBusy) return;
    onSend(text.trim());
    setText('');
    field.current?.focus();
  };

  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className={styles.box}>
        <div className={styles.grow} data-text={`${text}\n`}>
          <textarea
            ref={field}
            rows={1}
            value={text}
            placeholder={placeholder}
            aria-label={placeholder}
            aria-describedby={hint}
            enterKeyHint="send"
            onChange={(event) => {
              setText(event.target.value);
              if (event.target.value !== '') onTyping?.();
            }}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
              event.preventDefault();
              send();
            }}
          />
        </div>
        {onStop && (
          <IconButton
            label="Stop (Escape)"
            className={styles.stop}
            disabled={isStopping}
            onClick={onStop}
          >
            <StopIcon />
          </IconButton>
        )}
        <IconButton label="Send" type="submit" className={styles.send} disabled={isEmpty || isBusy}>
          <SendIcon />
        </IconButton>
      </div>
      <p id={hint} className="unseen">
        Enter sends. Shift and Enter begin a new line.
      </p>
    </form>
  );
}
