import { ProblemError } from '@convene/client';
import { hrefOf } from '../../../router.ts';
import { Button } from '../../../ui/Button.tsx';
import { problemSentence } from '../../../i18n/problems.ts';
import { useWords } from '../../../i18n/tongue.ts';
import styles from '../conversation/ConversationPanel.module.css';

interface NotLetInProps {
  readonly problem: unknown;
  readonly onRetry: () => void;
}

export function NotLetIn({ problem, onRetry }: NotLetInProps) {
  const words = useWords();
  return (
    <div className={styles.instead} role="alert">
      <h1>{words.join.refused}</h1>
      <p>{problemSentence(problem, words, { not_found: words.join.isVoid })}</p>
      {problem instanceof ProblemError && problem.retryable && (
        <Button look="main" onClick={onRetry}>
          {words.message.again}
        </Button>
      )}
      <a href={hrefOf({ page: 'new' })}>{words.join.instead}</a>
    </div>
  );
}
