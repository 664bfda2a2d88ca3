/** What an agent made of a message: beside it, for staff who want to know why the answer is what it is. */
import { textOf } from '@convene/client';
import type { MessageItem } from '@convene/client';
import { useId, useMemo } from 'react';
import { useTongue } from '../../../i18n/tongue.ts';
import { useAround } from '../offers/context.ts';
import styles from './Notes.module.css';
import { Path } from './Path.tsx';
import { useNotesShown } from './shown.ts';
import { UnderstoodView } from './UnderstoodView.tsx';
import { slotsOf, turnsOf, valueText } from './turns.ts';
import type { SlotChange, Turn } from './turns.ts';

/** Nothing while it is switched off. */
export function NotesPanel({ item }: { readonly item: MessageItem }) {
  return useNotesShown() ? <Panel item={item} /> : null;
}

function Panel({ item }: { readonly item: MessageItem }) {
  const { words } = useTongue();
  const { notes } = item;
  const turns = useMemo(() => turnsOf(notes), [notes]);
  const attempt = notes.at(-1)?.attempt ?? 1;
  const { names } = useAround();
  const nameOf = (agent: string) => names.get(`agent:${agent}`) ?? agent;
  const agents = [...new Set(notes.map(({ agent }) => nameOf(agent)))];
  const heading = useId();
  return (
    <div className={styles.panel} role="group" aria-labelledby={heading}>
      <h2 id={heading} className={styles.heading}>
        {words.notes.label}
        <span className={styles.soft}>
          {[...agents, attempt > 1 ? words.notes.attempt(attempt) : ''].filter(Boolean).join(' · ')}
        </span>
      </h2>
      {turns.map((turn, index) => (
        <TurnView key={index} turn={turn} item={item} />
      ))}
    </div>
  );
}

function TurnView({ turn, item }: { readonly turn: Turn; readonly item: MessageItem }) {
  const { words } = useTongue();
  const slots = slotsOf(turn.facts);
  return (
    <div className={styles.turn}>
      {turn.understood && (
        <UnderstoodView
          understood={turn.understood}
          text={turn.understood.message === item.id ? textOf(item) : undefined}
        />
      )}
      <Path facts={turn.facts} />
      {slots.length > 0 && (
        <div className={styles.part}>
          <h3>{words.notes.slots}</h3>
          <dl className={styles.values}>
            {slots.map((change) => (
              <Slot key={change.slot} change={change} />
            ))}
          </dl>
        </div>
      )}
      <details className={styles.raw}>
        <summary>{words.notes.raw}</summary>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
        <pre tabIndex={0} dir="ltr" aria-label={words.notes.raw} role="group">
          {JSON.stringify(turn.raw, undefined, 2)}
        </pre>
      </details>
    </div>
  );
}

function Slot({ change: { slot, value, from } }: { readonly change: SlotChange }) {
  const { notes } = useTongue().words;
  const origins: Partial<Record<string, string>> = notes.origins;
  return (
    <div>
      <dt>
        <code dir="ltr">{slot}</code>
      </dt>
      <dd>
        <bdi>{value === undefined ? <em>{notes.emptied}</em> : valueText(value)}</bdi>
        <span className={styles.soft}>{origins[from] ?? from}</span>
      </dd>
    </div>
  );
}
