/** What woke an agent, or will, in one quiet line: for staff alone. */
import type { SignalEvent, SignalItem } from '@convene/client';
import { memo } from 'react';
import { useTongue } from '../../../i18n/tongue.ts';
import type { Tongue } from '../../../i18n/tongue.ts';
import { isolated } from '../names.ts';
import styles from './NoticeRow.module.css';

export const SignalRow = memo(function SignalRow({ item }: { readonly item: SignalItem }) {
  const { event } = item;
  const tongue = useTongue();
  const data = dataOf(event);
  return (
    <li className={styles.notice}>
      {wordsFor(event, tongue)}
      {data !== undefined && (
        <>
          {' '}
          <code dir="ltr">{data}</code>
        </>
      )}
    </li>
  );
});

function wordsFor(event: SignalEvent, { words, clockTime, wholeTime }: Tongue): string {
  const { signals } = words.notes;
  switch (event.type) {
    case 'timer.set': {
      const rings = ringsAt(event);
      const write = rings !== undefined && rings - event.at < DAY_MS ? clockTime : wholeTime;
      const time = rings === undefined ? undefined : write(rings);
      return signals.set(event.agent, isolated(event.name), time);
    }
    case 'timer.cleared':
      return signals.cleared(event.agent, isolated(event.name));
    case 'timer.fired':
      return signals.fired(event.agent, isolated(event.name));
    case 'event.happened':
      return signals.happened(isolated(event.event.name));
  }
}

const DAY_MS = 86_400_000;

function ringsAt({ at, rings }: Extract<SignalEvent, { type: 'timer.set' }>): number | undefined {
  if (!rings) return undefined;
  return 'at_ms' in rings ? rings.at_ms : at + rings.after_ms;
}

function dataOf(event: SignalEvent): string | undefined {
  if (event.type !== 'event.happened') return undefined;
  const { data } = event.event;
  return data === undefined || data === null ? undefined : JSON.stringify(data);
}
