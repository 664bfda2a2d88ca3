/** Says that the connection is away, if it is for longer than a blink. */
import { useLive, useStatus } from '../../../live/client.ts';
import styles from './ConnectionNote.module.css';

export function ConnectionNote() {
  const { client } = useLive();
  const status = useStatus();
  if (status.state === 'open' || status.state === 'idle') return null;
  if (status.state === 'ended') {
    return (
      <div className={styles.note} role="alert">
        This page is out of date.
        <button
          type="button"
          onClick={() => {
            window.location.reload();
          }}
        >
          Reload
        </button>
      </div>
    );
  }
  return (
    <div className={styles.note} role="status" data-patient>
      <span className={styles.dot} />
      Reconnecting…
      {status.state === 'waiting' && status.attempt > 2 && (
        <button
          type="button"
          onClick={() => {
            client.reconnect();
          }}
        >
          Try now
        </button>
      )}
    </div>
  );
}
