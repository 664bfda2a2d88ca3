import { ProblemError } from '@convene/client';
import { hrefOf } from '../../../router.ts';
import { Button } from '../../../ui/Button.tsx';
import styles from '../conversation/ConversationPanel.module.css';

interface NotLetInProps {
  readonly problem: unknown;
  readonly onRetry: () => void;
}

export function NotLetIn({ problem, onRetry }: NotLetInProps) {
  return (
    <div className={styles.instead} role="alert">
      <h1>You could not be let in</h1>
      <p>{problem instanceof Error ? problem.message : 'That did not work.'}</p>
      {problem instanceof ProblemError && problem.retryable && (
        <Button look="main" onClick={onRetry}>
          Try again
        </Button>
      )}
      <a href={hrefOf({ page: 'new' })}>Begin a conversation instead</a>
    </div>
  );
}
