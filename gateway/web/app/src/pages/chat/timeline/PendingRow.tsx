/** A message on its way, or one that was refused and waits for its author's decision. */
import { textOf } from '@convene/client';
import type { Pending, ProblemError } from '@convene/client';
import { Markdown } from '../../../markdown/Markdown.tsx';
import { useLive } from '../../../live/client.ts';
import { problemSentence } from '../../../i18n/problems.ts';
import { useWords } from '../../../i18n/tongue.ts';
import messageStyles from './MessageRow.module.css';
import styles from './PendingRow.module.css';

export function PendingRow({ entry }: { readonly entry: Pending }) {
  const { conversation, message, state, problem } = entry;
  const words = useWords();
  return (
    <li className={[messageStyles.row, messageStyles.mine, messageStyles.first].join(' ')}>
      <span className="unseen">{words.list.you}</span>
      <div className={messageStyles.body}>
        <Markdown text={textOf(message)} />
      </div>
      {state === 'refused' ? (
        <Decision conversation={conversation} id={message.id} problem={problem} />
      ) : (
        <p className={styles.way}>{words.message.sending}</p>
      )}
    </li>
  );
}

interface DecisionProps {
  readonly conversation: string;
  readonly id: string;
  readonly problem: ProblemError | undefined;
}

function Decision({ conversation, id, problem }: DecisionProps) {
  const words = useWords();
  const { client } = useLive();
  return (
    <p className={styles.refused} role="alert">
      {words.message.notSent} {problem && problemSentence(problem, words)}
      <button
        type="button"
        onClick={() => {
          client.sendAgain(conversation, id);
        }}
      >
        {words.message.again}
      </button>
      <button
        type="button"
        onClick={() => {
          client.discard(id);
        }}
      >
        {words.message.discard}
      </button>
    </p>
  );
}
