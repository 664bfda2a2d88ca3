/** What one is invited to, by whom, and what joining shows to those who are there. */
import type { Invitation } from '@convene/client';
import { useLive } from '../../../live/client.ts';
import { navigate } from '../../../router.ts';
import { Button } from '../../../ui/Button.tsx';
import { useWords } from '../../../i18n/tongue.ts';
import styles from '../conversation/ConversationPanel.module.css';
import { isolated } from '../names.ts';

interface QuestionProps {
  readonly invitation: Invitation;
  readonly onJoin: () => void;
}

export function Question({ invitation, onJoin }: QuestionProps) {
  const { session } = useLive();
  const { title, by, participants } = invitation;
  const words = useWords().join;
  return (
    <div className={styles.instead}>
      <p>{words.invites(isolated(by))}</p>
      <h1 dir="auto">{title ?? words.untitled}</h1>
      <p>
        {participants === 1 ? words.alone : words.several(participants)}{' '}
        {words.seen(isolated(session.name))}
      </p>
      <div className={styles.choice}>
        <Button look="main" onClick={onJoin}>
          {words.join}
        </Button>
        <Button
          look="quiet"
          onClick={() => {
            navigate({ page: 'new' }, { replace: true });
          }}
        >
          {words.notNow}
        </Button>
      </div>
    </div>
  );
}
