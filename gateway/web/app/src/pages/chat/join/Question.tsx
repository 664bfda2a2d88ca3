/** What one is invited to, by whom, and what joining shows to those who are there. */
import type { Invitation } from '@convene/client';
import { useLive } from '../../../live/client.ts';
import { navigate } from '../../../router.ts';
import { Button } from '../../../ui/Button.tsx';
import styles from '../conversation/ConversationPanel.module.css';
import { isolated } from '../names.ts';

interface QuestionProps {
  readonly invitation: Invitation;
  readonly onJoin: () => void;
}

export function Question({ invitation, onJoin }: QuestionProps) {
  const { session } = useLive();
  const { title, by, participants } = invitation;
  return (
    <div className={styles.instead}>
      <p>{isolated(by)} invites you to</p>
      <h1 dir="auto">{title ?? 'a conversation'}</h1>
      <p>
        {participants === 1
          ? 'One is in it so far.'
          : `${participants} are in it, agents included.`}{' '}
        They will see that you joined, as {isolated(session.name)}.
      </p>
      <div className={styles.choice}>
        <Button look="main" onClick={onJoin}>
          Join
        </Button>
        <Button
          look="quiet"
          onClick={() => {
            navigate({ page: 'new' }, { replace: true });
          }}
        >
          Not now
        </Button>
      </div>
    </div>
  );
}
