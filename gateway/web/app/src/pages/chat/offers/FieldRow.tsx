/** One question of a form, with what helps to answer it and what is wrong with the answer. */
import type { Field } from '@convene/client';
import { useId } from 'react';
import type { Answer } from './answers.ts';
import { useWords } from '../../../i18n/tongue.ts';
import styles from './Offers.module.css';

interface FieldRowProps {
  readonly field: Field;
  readonly answer: Answer | undefined;
  readonly fault: string | undefined;
  readonly onAnswer: (answer: Answer) => void;
}

export function FieldRow({ field, answer, fault, onAnswer }: FieldRowProps) {
  const id = useId();
  const notes = [field.hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ');
  const common = {
    id,
    'aria-invalid': fault !== undefined,
    'aria-describedby': notes === '' ? undefined : notes,
    'aria-required': field.required === true,
  };
  const isGroup = field.input === 'choice' && field.multiple === true;
  const isCheck = field.input === 'boolean';
  return (
    <div className={isCheck ? styles.check : styles.field}>
      {isGroup ? (
        <Several
          field={field}
          answer={answer}
          notes={common['aria-describedby']}
          onAnswer={onAnswer}
        />
      ) : (
        <>
          <label htmlFor={id} dir="auto">
            {field.label}
            {field.required && <span aria-hidden="true"> *</span>}
          </label>
          <Control field={field} answer={answer} common={common} onAnswer={onAnswer} />
        </>
      )}
      {field.hint && (
        <p id={`${id}-hint`} className={styles.hint} dir="auto">
          {field.hint}
        </p>
      )}
      {fault && (
        <p id={`${id}-fault`} className={styles.refusal}>
          {fault}
        </p>
      )}
    </div>
  );
}

interface ControlProps {
  readonly field: Field;
  readonly answer: Answer | undefined;
  readonly common: object;
  readonly onAnswer: (answer: Answer) => void;
}

function Control({ field, answer, common, onAnswer }: ControlProps) {
  const text = typeof answer === 'string' ? answer : '';
  const words = useWords().offers;
  const typed = {
    ...common,
    value: text,
    onChange: (event: { currentTarget: { value: string } }) => {
      onAnswer(event.currentTarget.value);
    },
  };
  switch (field.input) {
    case 'boolean':
      return (
        <input
          {...common}
          type="checkbox"
          checked={answer === true}
          onChange={(event) => {
            onAnswer(event.currentTarget.checked);
          }}
        />
      );
    case 'choice':
      return (
        <select {...typed}>
          <option value="">{words.choose}</option>
          {field.options.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      );
    case 'text':
      return field.multiline ? (
        <textarea {...typed} rows={3} dir="auto" />
      ) : (
        <input {...typed} type="text" dir="auto" />
      );
    case 'email':
      return <input {...typed} type="email" inputMode="email" autoComplete="email" />;
    case 'phone':
      return <input {...typed} type="tel" inputMode="tel" autoComplete="tel" />;
    case 'number':
      return <input {...typed} type="text" inputMode="decimal" />;
    case 'integer':
      return <input {...typed} type="text" inputMode="numeric" />;
    case 'date':
      return (
        <input {...typed} type="date" min={field.min ?? undefined} max={field.max ?? undefined} />
      );
    case 'time':
      return (
        <input {...typed} type="time" min={field.min ?? undefined} max={field.max ?? undefined} />
      );
  }
}

interface SeveralProps {
  readonly field: Extract<Field, { input: 'choice' }>;
  readonly answer: Answer | undefined;
  readonly notes: string | undefined;
  readonly onAnswer: (answer: Answer) => void;
}

function Several({ field, answer, notes, onAnswer }: SeveralProps) {
  const chosen = Array.isArray(answer) ? (answer as readonly string[]) : [];
  return (
    <fieldset className={styles.several} aria-describedby={notes}>
      <legend dir="auto">
        {field.label}
        {field.required && <span aria-hidden="true"> *</span>}
      </legend>
      {field.options.map(({ value, label }) => (
        <label key={value}>
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={(event) => {
              const without = chosen.filter((one) => one !== value);
              onAnswer(event.currentTarget.checked ? [...without, value] : without);
            }}
          />
          <span dir="auto">{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
