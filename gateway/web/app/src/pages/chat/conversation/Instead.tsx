/** What stands where a conversation cannot. */
import type { ProblemError } from '@convene/client';
import { hrefOf } from '../../../router.ts';
import { BackLink } from '../BackLink.tsx';
import { problemSentence } from '../../../i18n/problems.ts';
import { useWords } from '../../../i18n/tongue.ts';
import styles from './ConversationPanel.module.css';

export function Loading() {
  const words = useWords().conversation;
  return (
    <div className={styles.instead} role="status" aria-label={words.loading}>
      <div className={styles.waiting}>
        <span />
        <span />
        <span />
      </div>
    </div>
  );
}

export function Refused({ problem }: { readonly problem: ProblemError }) {
  const isHidden = problem.code === 'not_found' || problem.code === 'forbidden';
  const words = useWords();
  return (
    <div className={styles.instead}>
      <BackLink corner />
      <h1>{isHidden ? words.conversation.notYours : words.conversation.notShown}</h1>
      <p>{isHidden ? words.conversation.notYoursText : problemSentence(problem, words)}</p>
      <a href={hrefOf({ page: 'new' })}>{words.conversation.beginNew}</a>
    </div>
  );
}

export function NoLonger() {
  const words = useWords().conversation;
  return <p className={styles.noLonger}>{words.noLonger}</p>;
}
