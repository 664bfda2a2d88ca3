/** The rows of a timeline: its items, told apart by day and by author, in stretches. */
import type { Item, MessageItem, NoticeItem, SignalItem } from '@convene/client';
import { isSameDay } from '../../../i18n/times.ts';

export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'notice'; readonly key: string; readonly item: NoticeItem }
  | { readonly kind: 'signal'; readonly key: string; readonly item: SignalItem }
  /** What happened to the timers of one agent, in a row. */
  | { readonly kind: 'timers'; readonly key: string; readonly items: readonly SignalItem[] }
  /** `isFirst`: the first in a row by its author, which shows the name. */
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly item: MessageItem;
      readonly isFirst: boolean;
    };

/** Some items that follow each other: one that did not change is not drawn again. */
export interface Stretch {
  readonly key: number;
  readonly items: readonly Item[];
  /** The item before the first. */
  readonly previous: Item | undefined;
}

/** Messages of one author this far apart begin a new row of them, in milliseconds. */
const PAUSE_MS = 5 * 60_000;
/** Events of a stretch: whatever is added before or behind, the others keep their bounds. */
const STRETCH = 64;

export function stretchesOf(items: readonly Item[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (let start = 0; start < items.length;) {
    const key = stretchOf(items[start]);
    let end = start + 1;
    while (end < items.length && stretchOf(items[end]) === key) end += 1;
    stretches.push({ key, items: items.slice(start, end), previous: items[start - 1] });
    start = end;
  }
  return stretches;
}

export function isSameStretch(one: Stretch, other: Stretch): boolean {
  return (
    one.previous === other.previous &&
    one.items.length === other.items.length &&
    one.items.every((item, index) => item === other.items[index])
  );
}

export function rowsOf(items: readonly Item[], before?: Item): Row[] {
  const rows: Row[] = [];
  let previous = before;
  for (const item of items) {
    if (!previous || !isSameDay(previous.at, item.at)) {
      rows.push({ kind: 'day', key: `day-${item.seq}`, at: item.at });
    }
    if (item.kind === 'notice') rows.push({ kind: 'notice', key: item.id, item });
    else if (item.kind === 'signal') pushSignal(rows, item);
    else rows.push({ kind: 'message', key: item.id, item, isFirst: !follows(item, previous) });
    previous = item;
  }
  return rows;
}

function pushSignal(rows: Row[], item: SignalItem): void {
  if (item.event.type === 'event.happened') {
    rows.push({ kind: 'signal', key: item.id, item });
    return;
  }
  const { agent } = item.event;
  const last = rows.at(-1);
  const before = last?.kind === 'timers' ? last.items[0]?.event : undefined;
  if (last?.kind === 'timers' && before?.type !== 'event.happened' && before?.agent === agent) {
    rows[rows.length - 1] = { ...last, items: [...last.items, item] };
  } else {
    rows.push({ kind: 'timers', key: item.id, items: [item] });
  }
}

function stretchOf(item: Item | undefined): number {
  return Math.floor((item?.seq ?? 0) / STRETCH);
}

function follows(item: MessageItem, previous: Item | undefined): boolean {
  return (
    previous?.kind === 'message' &&
    previous.author === item.author &&
    item.at - previous.at < PAUSE_MS &&
    isSameDay(item.at, previous.at)
  );
}
