/** What an agent did with its timers, and which of them rang: one quiet line, for staff alone. */
import type { SignalEvent, SignalItem } from '@convene/client';
import { memo } from 'react';
import { useTongue } from '../../../i18n/tongue.ts';
import type { Tongue } from '../../../i18n/tongue.ts';
import { isolated, plainName } from '../names.ts';
import styles from './NoticeRow.module.css';

interface TimersRowProps {
  /** Of one agent. */
  readonly items: readonly SignalItem[];
  readonly names: ReadonlyMap<string, string>;
}

export const TimersRow = memo(
  function TimersRow({ items, names }: TimersRowProps) {
    const tongue = useTongue();
    const [first] = items;
    if (!first || first.event.type === 'event.happened') return null;
    const id = `agent:${first.event.agent}`;
    const agent = isolated(names.get(id) ?? plainName(id));
    const told = items.map(({ event }) => wordsFor(event, tongue));
    return (
      <li className={styles.notice}>
        {tongue.words.notes.signals.timers(agent)} {told.filter(Boolean).join(' · ')}
      </li>
    );
  },
  (one, other) =>
    one.names === other.names &&
    one.items.length === other.items.length &&
    one.items.every((item, index) => item === other.items[index]),
);

function wordsFor(event: SignalEvent, { words, clockTime, wholeTime }: Tongue): string {
  const { signals } = words.notes;
  switch (event.type) {
    case 'timer.set': {
      const rings = ringsAt(event);
      const write = rings !== undefined && rings - event.at < DAY_MS ? clockTime : wholeTime;
      return signals.set(isolated(event.name), rings === undefined ? undefined : write(rings));
    }
    case 'timer.cleared':
      return signals.cleared(isolated(event.name));
    case 'timer.fired':
      return signals.fired(isolated(event.name));
    case 'event.happened':
      return '';
  }
}

const DAY_MS = 86_400_000;

function ringsAt({ at, rings }: Extract<SignalEvent, { type: 'timer.set' }>): number | undefined {
  if (!rings) return undefined;
  return 'at_ms' in rings ? rings.at_ms : at + rings.after_ms;
}
