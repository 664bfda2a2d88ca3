/** Says that the connection is away, if it is for longer than a blink. */
import { useLive, useStatus } from '../../../live/client.ts';
import { useWords } from '../../../i18n/tongue.ts';
import styles from './ConnectionNote.module.css';

export function ConnectionNote() {
  const { client } = useLive();
  const status = useStatus();
  const words = useWords();
  if (status.state === 'open' || status.state === 'idle') return null;
  if (status.state === 'ended') {
    return (
      <div className={styles.note} role="alert">
        {words.conversation.outOfDate}
        <button
          type="button"
          onClick={() => {
            window.location.reload();
          }}
        >
          {words.frame.reload}
        </button>
      </div>
    );
  }
  return (
    <div className={styles.note} role="status" data-patient>
      <span className={styles.dot} />
      {words.conversation.reconnecting}
      {status.state === 'waiting' && status.attempt > 2 && (
        <button
          type="button"
          onClick={() => {
            client.reconnect();
          }}
        >
          {words.conversation.tryNow}
        </button>
      )}
    </div>
  );
}
