/** Suggestions of what to say next, above the composer: those of the last message, and no others. */
import type { Item, MessageItem } from '@convene/client';
import { ActionRow } from './ActionRow.tsx';
import { useAround } from './context.ts';
import { isClosed } from './usePress.ts';
import { useWords } from '../../../i18n/tongue.ts';
import styles from './Offers.module.css';

export function QuickReplies({ items }: { readonly items: readonly Item[] }) {
  const { me, toComposer } = useAround();
  const words = useWords().offers;
  const last = lastMessage(items);
  if (last?.status !== 'whole') return null;
  const rows = last.parts.map((part, index) => {
    if (part.type !== 'actions' || part.layout !== 'quick_replies') return null;
    const presses = last.presses.filter((press) => press.part === index);
    if (last.closed.includes(index) || isClosed(part, presses, me)) return null;
    return (
      <ActionRow
        key={`${last.id}-${index}`}
        item={last}
        part={index}
        offer={part}
        actions={part.actions}
        label={words.replies}
        onTaken={toComposer}
      />
    );
  });
  return rows.some(Boolean) ? <div className={styles.replies}>{rows}</div> : null;
}

export function lastMessage(items: readonly Item[]): MessageItem | undefined {
  const last = items.findLast((item) => item.kind === 'message');
  return last?.kind === 'message' ? last : undefined;
}
