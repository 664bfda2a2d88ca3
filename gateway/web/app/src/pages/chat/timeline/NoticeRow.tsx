/** What happened besides messages, in one quiet line; a failure, in one that is seen. */
import type { NoticeEvent, NoticeItem } from '@convene/client';
import { memo } from 'react';
import { isolated, plainName } from '../names.ts';
import { failureSentence } from '../../../i18n/problems.ts';
import { useWords } from '../../../i18n/tongue.ts';
import type { Words } from '../../../i18n/words/en/index.ts';
import styles from './NoticeRow.module.css';

interface NoticeRowProps {
  readonly item: NoticeItem;
  readonly names: ReadonlyMap<string, string>;
  readonly me: string;
}

export const NoticeRow = memo(function NoticeRow({ item, names, me }: NoticeRowProps) {
  const { event } = item;
  const words = useWords();
  const name = (id: string) => (id === me ? undefined : isolated(names.get(id) ?? plainName(id)));
  if (event.type === 'run.finished' && event.outcome === 'failed') {
    return (
      <li className={styles.failed}>
        <strong>{words.message.noAnswer}</strong> {failureSentence(event.error, words)}
      </li>
    );
  }
  return <li className={styles.notice}>{wordsFor(event, name, words.message)}</li>;
});

/** `name` has none for the reader. */
function wordsFor(
  event: NoticeEvent,
  name: (id: string) => string | undefined,
  words: Words['message'],
): string {
  switch (event.type) {
    case 'conversation.created':
      return words.began(name(event.by));
    case 'conversation.renamed':
      return words.named(isolated(event.title), name(event.by));
    case 'participant.joined':
      return words.joined(name(event.participant.id));
    case 'participant.left':
      return words.left(name(event.participant));
    case 'run.finished':
      return words.stoppedEarly;
  }
}
