/** What happened besides messages, in one quiet line; a failure, in one that is seen. */
import type { NoticeEvent, NoticeItem } from '@convene/client';
import { memo } from 'react';
import { isolated, plainName } from '../names.ts';
import styles from './NoticeRow.module.css';

interface NoticeRowProps {
  readonly item: NoticeItem;
  readonly names: ReadonlyMap<string, string>;
  readonly me: string;
}

export const NoticeRow = memo(function NoticeRow({ item, names, me }: NoticeRowProps) {
  const { event } = item;
  const name = (id: string) => (id === me ? 'You' : isolated(names.get(id) ?? plainName(id)));
  if (event.type === 'run.finished' && event.outcome === 'failed') {
    return (
      <li className={styles.failed}>
        <strong>No answer this time:</strong> {event.error.message}
      </li>
    );
  }
  return <li className={styles.notice}>{wordsFor(event, name)}</li>;
});

function wordsFor(event: NoticeEvent, name: (id: string) => string): string {
  switch (event.type) {
    case 'conversation.created':
      return `${name(event.by)} began the conversation`;
    case 'conversation.renamed':
      return `${name(event.by)} named it “${isolated(event.title)}”`;
    case 'participant.joined':
      return `${name(event.participant.id)} joined`;
    case 'participant.left':
      return `${name(event.participant)} left`;
    case 'run.finished':
      return 'Stopped before an answer began';
  }
}
