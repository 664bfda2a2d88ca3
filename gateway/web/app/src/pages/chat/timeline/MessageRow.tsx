/** One message. Drawn again only when it has changed. */
import type { MessageItem } from '@convene/client';
import { memo } from 'react';
import { Markdown } from '../../../markdown/Markdown.tsx';
import { Avatar } from '../../../ui/Avatar.tsx';
import { NotesPanel } from '../notes/NotesPanel.tsx';
import { Offers } from '../offers/Offers.tsx';
import { useAround } from '../offers/context.ts';
import { saidIn } from '../offers/said.ts';
import { useLive } from '../../../live/client.ts';
import { useTongue } from '../../../i18n/tongue.ts';
import styles from './MessageRow.module.css';

interface MessageRowProps {
  readonly item: MessageItem;
  readonly name: string;
  readonly isMine: boolean;
  readonly isFirst: boolean;
}

export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { item, name, isMine, isFirst } = props;
  const tongue = useTongue();
  const { words, clockTime, exactTime } = tongue;
  const { client } = useLive();
  const { conversation } = useAround();
  // What is answered stands before the answer: it need not be waited for.
  const offering = (id: string) => {
    const items = client.state(conversation).view?.timeline.items;
    const found = items?.find((one) => one.id === id);
    return found?.kind === 'message' ? found : undefined;
  };
  const text = saidIn(item, offering, tongue);
  const isAgent = item.author.startsWith('agent:');
  const side = isMine ? styles.mine : isAgent ? styles.agents : styles.theirs;
  return (
    <li className={[styles.row, side, isFirst ? styles.first : ''].join(' ')}>
      {!isMine && isFirst && (
        <span className={styles.face}>
          <Avatar id={item.author} name={name} />
        </span>
      )}
      {isFirst ? (
        <header className={styles.head}>
          <bdi className={isMine ? 'unseen' : styles.name}>{isMine ? words.list.you : name}</bdi>
          <time dateTime={new Date(item.at).toISOString()} title={exactTime(item.at)}>
            {clockTime(item.at)}
          </time>
          {item.attempt > 1 && <span>{words.message.attempt(item.attempt)}</span>}
        </header>
      ) : (
        <span className="unseen">{isMine ? words.list.you : name}</span>
      )}
      {(text !== '' || item.status === 'streaming') && (
        <div className={styles.body}>
          <Markdown text={text} isGrowing={item.status === 'streaming'} />
        </div>
      )}
      {isAgent && item.parts.length > 0 && <Offers item={item} />}
      {item.status === 'stopped' && <p className={styles.note}>{words.message.stopped}</p>}
      {item.notes.length > 0 && <NotesPanel item={item} />}
    </li>
  );
});
