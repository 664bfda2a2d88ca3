/** The rows of a timeline: items and pending messages, told apart by day and by author. */
import type { Item, MessageItem, NoticeItem, Pending } from '@convene/client';
import { isSameDay } from '../times.ts';

export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'notice'; readonly key: string; readonly item: NoticeItem }
  /** `isFirst`: the first in a row by its author, which shows the name. */
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly item: MessageItem;
      readonly isFirst: boolean;
    }
  | { readonly kind: 'pending'; readonly key: string; readonly entry: Pending };

/** Messages of one author this far apart begin a new row of them, in milliseconds. */
const PAUSE_MS = 5 * 60_000;

export function rowsOf(items: readonly Item[], pending: readonly Pending[]): Row[] {
  const rows: Row[] = [];
  let previous: Item | undefined;
  for (const item of items) {
    if (!previous || !isSameDay(previous.at, item.at)) {
      rows.push({ kind: 'day', key: `day-${item.seq}`, at: item.at });
    }
    if (item.kind === 'notice') rows.push({ kind: 'notice', key: item.id, item });
    else rows.push({ kind: 'message', key: item.id, item, isFirst: !follows(item, previous) });
    previous = item;
  }
  for (const entry of pending) rows.push({ kind: 'pending', key: entry.message.id, entry });
  return rows;
}

function follows(item: MessageItem, previous: Item | undefined): boolean {
  return (
    previous?.kind === 'message' &&
    previous.author === item.author &&
    item.at - previous.at < PAUSE_MS &&
    isSameDay(item.at, previous.at)
  );
}
