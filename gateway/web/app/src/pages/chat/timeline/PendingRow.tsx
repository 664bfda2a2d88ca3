/** A message on its way, or one that was refused and waits for its author's decision. */
import { textOf } from '@convene/client';
import type { Pending } from '@convene/client';
import { Markdown } from '../../../markdown/Markdown.tsx';
import { useLive } from '../../../live/client.ts';
import messageStyles from './MessageRow.module.css';
import styles from './PendingRow.module.css';

export function PendingRow({ entry }: { readonly entry: Pending }) {
  const { conversation, message, state, problem } = entry;
  return (
    <li className={[messageStyles.row, messageStyles.mine, messageStyles.first].join(' ')}>
      <span className="unseen">You</span>
      <div className={messageStyles.body}>
        <Markdown text={textOf(message)} />
      </div>
      {state === 'refused' ? (
        <Decision conversation={conversation} id={message.id} words={problem?.message} />
      ) : (
        <p className={styles.way}>Sending…</p>
      )}
    </li>
  );
}

interface DecisionProps {
  readonly conversation: string;
  readonly id: string;
  readonly words: string | undefined;
}

function Decision({ conversation, id, words }: DecisionProps) {
  const { client } = useLive();
  return (
    <p className={styles.refused} role="alert">
      Not sent. {words}
      <button
        type="button"
        onClick={() => {
          client.sendAgain(conversation, id);
        }}
      >
        Try again
      </button>
      <button
        type="button"
        onClick={() => {
          client.discard(id);
        }}
      >
        Discard
      </button>
    </p>
  );
}
