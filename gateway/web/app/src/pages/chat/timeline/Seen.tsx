/** Who has read the person's own last message. Said only where it is the last of all. */
import type { Company, View } from '@convene/client';
import { isolated, plainName } from '../names.ts';
import { useWords } from '../../../i18n/tongue.ts';
import styles from './Timeline.module.css';

interface SeenProps {
  readonly view: View;
  readonly company: Company;
  readonly me: string;
}

export function Seen({ view, company, me }: SeenProps) {
  const words = useWords().message;
  const last = view.timeline.items.findLast((item) => item.kind === 'message');
  if (last?.kind !== 'message' || last.author !== me) return null;
  const readers = [...company.read]
    .filter(([id, seq]) => id !== me && seq >= last.seq)
    .map(([id]) => isolated(view.timeline.names.get(id) ?? plainName(id)));
  if (readers.length === 0) return null;
  return <p className={styles.seen}>{words.seenBy(readers)}</p>;
}
