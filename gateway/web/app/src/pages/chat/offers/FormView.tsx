/** A form: the server judges its answers, and what it finds stands beside each field. */
import type { Field, Form, MessageItem } from '@convene/client';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../../ui/Button.tsx';
import { FieldRow } from './FieldRow.tsx';
import { faultSentence } from '../../../i18n/faults.ts';
import { useTongue } from '../../../i18n/tongue.ts';
import styles from './Offers.module.css';
import { answersOf, firstAnswers, givenAnswers } from './answers.ts';
import type { Answers } from './answers.ts';
import { useAround } from './context.ts';
import { usePress } from './usePress.ts';

interface FormViewProps {
  readonly item: MessageItem;
  readonly part: number;
  readonly form: Form;
}

export function FormView({ item, part, form }: FormViewProps) {
  const pressing = usePress(item, part, form);
  const { isClosed, isOver, underWay, refusal, faults, forOthers, press, whoPressed } = pressing;
  const [answers, setAnswers] = useState<Answers>(() => firstAnswers(form.fields));
  const host = useRef<HTMLFormElement>(null);
  const { toComposer } = useAround();
  const { words, number, day, time } = useTongue();
  const who = whoPressed(form.id);
  const given = item.presses.findLast((press) => press.part === part)?.value;
  // Everybody sees what was answered, also who comes later.
  const shown = (isClosed ? givenAnswers(form.fields, given) : undefined) ?? answers;
  const faultOf = (field: Field) => {
    // What is not asked any more need not be looked at again.
    const fault = isOver ? undefined : faults.find((one) => one.field === field.name);
    return fault && faultSentence(fault, field, words.faults, { number, day, time });
  };

  // To the first field that must be looked at again.
  useEffect(() => {
    if (faults.length > 0) host.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [faults]);

  return (
    <form
      ref={host}
      className={[styles.card, isClosed && styles.closed].filter(Boolean).join(' ')}
      aria-label={form.title ?? form.submit}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isClosed) return;
        void press(form.id, answersOf(form.fields, answers)).then((isTaken) => {
          // Who has gone elsewhere meanwhile stays there.
          const at = document.activeElement;
          const isHere = at === null || at === document.body || host.current?.contains(at);
          if (isTaken && isHere) toComposer();
        });
      }}
    >
      {form.title && <h2 dir="auto">{form.title}</h2>}
      <fieldset className={styles.fields} disabled={isClosed}>
        <legend className="unseen">{form.title ?? form.submit}</legend>
        {form.fields.map((field) => (
          <FieldRow
            key={field.name}
            field={field}
            answer={shown[field.name]}
            fault={faultOf(field)}
            onAnswer={(answer) => {
              setAnswers((known) => ({ ...known, [field.name]: answer }));
            }}
          />
        ))}
      </fieldset>
      <div className={styles.actions}>
        <Button
          type="submit"
          look="main"
          className={[styles.action, who && styles.pressed].filter(Boolean).join(' ')}
          aria-disabled={isClosed}
          aria-busy={underWay === form.id}
        >
          <span dir="auto">{form.submit}</span>
          {who && <span className={styles.who}>✓ {who}</span>}
        </Button>
      </div>
      {isOver && !forOthers && <p className={styles.hint}>{words.offers.over}</p>}
      {forOthers && <p className={styles.hint}>{forOthers}</p>}
      {refusal && !isOver && (
        <p role="alert" className={styles.refusal}>
          {faults.length > 0 ? words.offers.lookAgain : refusal}
        </p>
      )}
    </form>
  );
}
