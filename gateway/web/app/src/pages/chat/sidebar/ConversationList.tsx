import type { Conversation } from '@convene/client';
import { useLive } from '../../../live/client.ts';
import { hrefOf } from '../../../router.ts';
import { Button } from '../../../ui/Button.tsx';
import { isolated } from '../names.ts';
import { titleOf } from '../titles.ts';
import { useTongue, useWords } from '../../../i18n/tongue.ts';
import styles from './Sidebar.module.css';
import { useReadMarks } from './unread.ts';
import type { ConversationsList } from './useConversations.ts';

interface ConversationListProps {
  readonly list: ConversationsList;
  readonly openId: string | undefined;
}

export function ConversationList({ list, openId }: ConversationListProps) {
  const { session } = useLive();
  const marks = useReadMarks(session.participant);
  const { conversations, loaded, more } = list;
  const words = useWords().list;

  if (loaded && conversations.length === 0) {
    return <p className={styles.none}>{words.none}</p>;
  }
  return (
    <div className={styles.list}>
      <ul>
        {conversations.map((conversation) => (
          <Row
            key={conversation.id}
            conversation={conversation}
            me={session.participant}
            isOpen={conversation.id === openId}
            isUnread={
              conversation.id !== openId && conversation.head > (marks[conversation.id] ?? 0)
            }
          />
        ))}
      </ul>
      {more && (
        <Button look="quiet" className={styles.more} onClick={more}>
          {words.older}
        </Button>
      )}
    </div>
  );
}

interface RowProps {
  readonly conversation: Conversation;
  readonly me: string;
  readonly isOpen: boolean;
  readonly isUnread: boolean;
}

function Row({ conversation, me, isOpen, isUnread }: RowProps) {
  const { id, participants, updated_at: updatedAt } = conversation;
  const { words, shortTime } = useTongue();
  return (
    <li>
      <a
        className={styles.row}
        href={hrefOf({ page: 'conversation', id })}
        aria-current={isOpen ? 'page' : undefined}
      >
        <span className={styles.title} dir="auto">
          {titleOf(conversation, me, words.list)}
        </span>
        <time dateTime={new Date(updatedAt).toISOString()}>{shortTime(updatedAt)}</time>
        <span className={styles.people}>
          {participants
            .map((person) => (person.id === me ? words.list.you : isolated(person.name)))
            .join(', ')}
        </span>
        {isUnread && (
          <span className={styles.unread}>
            <span className="unseen">{words.list.unread}</span>
          </span>
        )}
      </a>
    </li>
  );
}
