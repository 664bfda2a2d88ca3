/** The top of the timeline, while the past before it is on its way. */
import { Button } from '../../../ui/Button.tsx';
import { useWords } from '../../../i18n/tongue.ts';
import styles from './Timeline.module.css';

interface PastProps {
  readonly isLoading: boolean;
  /** Tries again, after it did not work. */
  readonly onRetry: (() => void) | undefined;
}

export function Past({ isLoading, onRetry }: PastProps) {
  const words = useWords().conversation;
  if (onRetry) {
    return (
      <div className={styles.past}>
        <Button look="quiet" onClick={onRetry}>
          {words.older}
        </Button>
      </div>
    );
  }
  return <p className={styles.past}>{isLoading && words.loadingOlder}</p>;
}
