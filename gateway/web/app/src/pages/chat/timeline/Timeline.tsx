/** What was said, oldest first, and what is going on right now at its end. */
import type { Company, Pending, View } from '@convene/client';
import { useEffect, useMemo } from 'react';
import { useLive } from '../../../live/client.ts';
import { IconButton } from '../../../ui/Button.tsx';
import { DownIcon } from '../../../ui/icons.tsx';
import { EmptyState } from '../draft/EmptyState.tsx';
import { Activity } from './Activity.tsx';
import { DayRow } from './DayRow.tsx';
import { MessageRow } from './MessageRow.tsx';
import { NoticeRow } from './NoticeRow.tsx';
import { Past } from './Past.tsx';
import { PendingRow } from './PendingRow.tsx';
import { Seen } from './Seen.tsx';
import styles from './Timeline.module.css';
import { rowsOf } from './rows.ts';
import type { Row } from './rows.ts';
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
  const me = session.participant;
  const { items, names } = view.timeline;
  const rows = useMemo(() => rowsOf(items, pending), [items, pending]);
  const { frame, content, atBottom, onScroll, goToBottom } = useScroll({
    first: items[0]?.id,
    onTop: loadingOlder || olderFailed ? undefined : onOlder,
    toEnd: saidCount,
  });
  const { onBottom } = props;

  useEffect(() => {
    onBottom(atBottom);
  }, [atBottom, onBottom]);

  const isEmpty = !onOlder && rows.every(({ kind }) => kind === 'day' || kind === 'notice');
  return (
    <div className={styles.place}>
      <div ref={frame} className={styles.frame} onScroll={onScroll}>
        <div ref={content} className={styles.content}>
          <Past isLoading={loadingOlder} onRetry={olderFailed ? onOlder : undefined} />
          <ol aria-label="Messages">
            {rows.map((row) => (
              <TimelineRow key={row.key} row={row} me={me} names={names} />
            ))}
          </ol>
          {isEmpty && <EmptyState agent={view.conversation.agent ?? undefined} onSay={onSay} />}
          <Seen view={view} company={company} me={me} />
          <Activity timeline={view.timeline} company={company} me={me} />
        </div>
      </div>
      {!atBottom && (
        <IconButton label="To the newest message" className={styles.down} onClick={goToBottom}>
          <DownIcon />
        </IconButton>
      )}
    </div>
  );
}

interface TimelineRowProps {
  readonly row: Row;
  readonly me: string;
  readonly names: ReadonlyMap<string, string>;
}

function TimelineRow({ row, me, names }: TimelineRowProps) {
  switch (row.kind) {
    case 'day':
      return <DayRow at={row.at} />;
    case 'notice':
      return <NoticeRow item={row.item} names={names} me={me} />;
    case 'pending':
      return <PendingRow entry={row.entry} />;
    case 'message': {
      const { item, isFirst } = row;
      return (
        <MessageRow
          item={item}
          isFirst={isFirst}
          isMine={item.author === me}
          name={names.get(item.author) ?? item.author.replace(/^\w+:/, '')}
        />
      );
    }
  }
}
