/** The place to write: Enter sends, Shift and Enter begin a line, Escape stops who is answering. */
import { useId, useImperativeHandle } from 'react';
import type { Ref } from 'react';
import { IconButton } from '../../../ui/Button.tsx';
import { SendIcon, StopIcon } from '../../../ui/icons.tsx';
import { isComposing } from '../../../ui/keys.ts';
import { useFirstFocus } from '../../../ui/useFirstFocus.ts';
import { useWords } from '../../../i18n/tongue.ts';
import styles from './Composer.module.css';
import { useDraft } from './useDraft.ts';

interface ComposerProps {
  /** Under which the unsent text is kept over a reload. */
  readonly draftKey: string;
  readonly placeholder: string;
  /** Whether it was taken: what was not stays in the field. */
  readonly onSend: (text: string) => boolean | Promise<boolean>;
  readonly onTyping?: () => void;
  /** Stops the run under way, where there is one. */
  readonly onStop?: (() => void) | undefined;
  readonly isStopping?: boolean;
  readonly isBusy?: boolean;
  readonly handle?: Ref<Focusable>;
}

/** What can be gone to. */
export interface Focusable {
  readonly focus: () => void;
}

export function Composer(props: ComposerProps) {
  const {
    draftKey,
    placeholder,
    onSend,
    onTyping,
    onStop,
    isStopping,
    isBusy = false,
    handle,
  } = props;
  const [text, setText] = useDraft(draftKey);
  const field = useFirstFocus<HTMLTextAreaElement>();
  useImperativeHandle(handle, () => ({ focus: () => field.current?.focus() }), [field]);
  const hint = useId();
  const words = useWords().conversation;
  const isEmpty = text.trim() === '';

  const send = () => {
    if (isEmpty || isBusy) return;
    const taken = onSend(text.trim());
    const clear = (isTaken: boolean) => {
      if (isTaken) setText('');
    };
    if (typeof taken === 'boolean') clear(taken);
    else void taken.then(clear);
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
            dir="auto"
            readOnly={isBusy}
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
              if (event.key !== 'Enter' || event.shiftKey || isComposing(event.nativeEvent)) return;
              event.preventDefault();
              send();
            }}
          />
        </div>
        {onStop && (
          <IconButton
            label={words.stop}
            className={styles.stop}
            disabled={isStopping}
            onClick={onStop}
          >
            <StopIcon />
          </IconButton>
        )}
        <IconButton
          label={words.send}
          type="submit"
          className={styles.send}
          disabled={isEmpty || isBusy}
        >
          <SendIcon />
        </IconButton>
      </div>
      <p id={hint} className="unseen">
        {words.keys}
      </p>
    </form>
  );
}
