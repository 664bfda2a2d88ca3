/** The top of the timeline, while the past before it is on its way. */
import { Button } from '../../../ui/Button.tsx';
import styles from './Timeline.module.css';

interface PastProps {
  readonly isLoading: boolean;
  /** Tries again, after it did not work. */
  readonly onRetry: (() => void) | undefined;
}

export function Past({ isLoading, onRetry }: PastProps) {
  if (onRetry) {
    return (
      <div className={styles.past}>
        <Button look="quiet" onClick={onRetry}>
          Load older messages
        </Button>
      </div>
    );
  }
  return <p className={styles.past}>{isLoading && 'Loading older messages…'}</p>;
}
