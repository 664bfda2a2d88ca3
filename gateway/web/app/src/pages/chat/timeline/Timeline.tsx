/** What was said, oldest first, and what is going on right now at its end. */
import type { Company, Pending, View } from '@convene/client';
import { useEffect, useMemo } from 'react';
import { useLive } from '../../../live/client.ts';
import { IconButton } from '../../../ui/Button.tsx';
import { DownIcon } from '../../../ui/icons.tsx';
import { Suggested } from '../draft/Suggested.tsx';
import { useNotesShown } from '../notes/shown.ts';
import { Activity } from './Activity.tsx';
import { Past } from './Past.tsx';
import { PendingRow } from './PendingRow.tsx';
import { Seen } from './Seen.tsx';
import { StretchRows } from './StretchRows.tsx';
import { useWords } from '../../../i18n/tongue.ts';
import styles from './Timeline.module.css';
import { stretchesOf } from './rows.ts';
import { useScroll } from './useScroll.ts';

interface TimelineProps {
  readonly view: View;
  readonly pending: readonly Pending[];
  readonly company: Company;
  /** How often the person has said something since the page was opened. */
  readonly saidCount: number;
  readonly loadingOlder: boolean;
  readonly olderFailed: boolean;
  readonly onOlder: (() => void) | undefined;
  readonly onBottom: (isAtBottom: boolean) => void;
  readonly onSay: (text: string) => void;
}

export function Timeline(props: TimelineProps) {
  const { view, pending, company, saidCount, loadingOlder, olderFailed, onOlder, onSay } = props;
  const { session } = useLive();
  const words = useWords().conversation;
  const me = session.participant;
  const { items, names } = view.timeline;
  const signalsShown = useNotesShown();
  const stretches = useMemo(
    () => stretchesOf(signalsShown ? items : items.filter(({ kind }) => kind !== 'signal')),
    [items, signalsShown],
  );
  const { frame, content, list, atBottom, onScroll, goToBottom } = useScroll({
    onTop: loadingOlder || olderFailed ? undefined : onOlder,
    toEnd: saidCount,
  });
  const { onBottom } = props;

  useEffect(() => {
    onBottom(atBottom);
  }, [atBottom, onBottom]);

  const isEmpty = !onOlder && pending.length === 0 && items.every(({ kind }) => kind !== 'message');
  return (
    <div className={styles.place}>
      <div
        ref={frame}
        className={styles.frame}
        role="region"
        aria-label={words.label}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
        tabIndex={0}
        onScroll={onScroll}
      >
        <div ref={content} className={styles.content}>
          {onOlder && <Past isLoading={loadingOlder} onRetry={olderFailed ? onOlder : undefined} />}
          <ol ref={list} aria-label={words.messages}>
            {stretches.map((stretch) => (
              <StretchRows key={stretch.key} stretch={stretch} me={me} names={names} />
            ))}
            {pending.map((entry) => (
              <PendingRow key={entry.message.id} entry={entry} />
            ))}
          </ol>
          {isEmpty && <Suggested agent={view.conversation.agent ?? undefined} onSay={onSay} />}
          <Seen view={view} company={company} me={me} />
          <Activity
            timeline={view.timeline}
            agent={view.conversation.agent ?? undefined}
            company={company}
            me={me}
          />
        </div>
      </div>
      {!atBottom && (
        <IconButton label={words.newest} className={styles.down} onClick={goToBottom}>
          <DownIcon />
        </IconButton>
      )}
    </div>
  );
}
