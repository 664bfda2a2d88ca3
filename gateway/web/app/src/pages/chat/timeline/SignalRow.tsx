/** What came from outside and woke an agent, in one quiet line: for staff alone. */
import type { SignalItem } from '@convene/client';
import { memo } from 'react';
import { useWords } from '../../../i18n/tongue.ts';
import { isolated } from '../names.ts';
import styles from './NoticeRow.module.css';

export const SignalRow = memo(function SignalRow({ item }: { readonly item: SignalItem }) {
  const { event } = item;
  const { signals } = useWords().notes;
  if (event.type !== 'event.happened') return null;
  const { name, data } = event.event;
  return (
    <li className={styles.notice}>
      {signals.happened(isolated(name))}
      {data !== undefined && data !== null && (
        <>
          {' '}
          <code dir="ltr">{JSON.stringify(data)}</code>
        </>
      )}
    </li>
  );
});
