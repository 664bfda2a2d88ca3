/** What stands where a conversation cannot. */
import type { ProblemError } from '@convene/client';
import { hrefOf } from '../../../router.ts';
import { BackLink } from '../BackLink.tsx';
import styles from './ConversationPanel.module.css';

export function Loading() {
  return (
    <div className={styles.instead} role="status" aria-label="Loading the conversation">
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
  return (
    <div className={styles.instead}>
      <BackLink corner />
      <h1>{isHidden ? 'Not a conversation of yours' : 'This conversation cannot be shown'}</h1>
      <p>
        {isHidden
          ? 'It does not exist, or you are not in it. Ask somebody who is for an invitation link.'
          : problem.message}
      </p>
      <a href={hrefOf({ page: 'new' })}>Begin a new one</a>
    </div>
  );
}

export function NoLonger() {
  return <p className={styles.noLonger}>You are no longer in this conversation.</p>;
}
