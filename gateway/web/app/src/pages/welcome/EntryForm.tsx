/** One field and one button, and the reason where it did not work. */
import { useId, useState } from 'react';
import type { SubmitEvent } from 'react';
import { Button } from '../../ui/Button.tsx';
import { useFirstFocus } from '../../ui/useFirstFocus.ts';
import { problemSentence } from '../../i18n/problems.ts';
import type { Here } from '../../i18n/problems.ts';
import { useWords } from '../../i18n/tongue.ts';
import styles from './WelcomePage.module.css';

interface EntryFormProps {
  readonly label: string;
  readonly placeholder: string;
  readonly initial: string;
  readonly autoComplete: string;
  readonly action: string;
  /** What a refusal means here. */
  readonly refused: Here;
  readonly secret?: boolean;
  readonly onEnter: (value: string) => Promise<void>;
}

export function EntryForm(props: EntryFormProps) {
  const {
    label,
    placeholder,
    initial,
    autoComplete,
    action,
    refused,
    secret = false,
    onEnter,
  } = props;
  const words = useWords();
  const [value, setValue] = useState(initial);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const field = useId();
  const input = useFirstFocus<HTMLInputElement>();

  const enter = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await onEnter(value.trim());
    } catch (reason) {
      setProblem(problemSentence(reason, words, refused));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        void enter(event);
      }}
    >
      <label htmlFor={field}>{label}</label>
      <input
        ref={input}
        id={field}
        className={styles.field}
        type={secret ? 'password' : 'text'}
        value={value}
        placeholder={placeholder}
        autoComplete={autoComplete}
        maxLength={secret ? 8192 : 64}
        spellCheck={false}
        required
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${field}-problem`}
        onChange={(event) => {
          setValue(event.target.value);
        }}
      />
      {problem !== undefined && (
        <p id={`${field}-problem`} className={styles.problem} role="alert">
          {problem}
        </p>
      )}
      <Button look="main" type="submit" disabled={busy || value.trim() === ''}>
        {action}
      </Button>
    </form>
  );
}
