/** What stands where a conversation cannot. */
import type { ProblemError } from '@convene/client';
import { useState } from 'react';
import { hrefOf } from '../../../router.ts';
import { BackLink } from '../BackLink.tsx';
import { problemSentence } from '../../../i18n/problems.ts';
import { useWords } from '../../../i18n/tongue.ts';
import { useLive } from '../../../live/client.ts';
import { isStaff } from '../../../session/session.ts';
import { Button } from '../../../ui/Button.tsx';
import { useComplaint } from '../../../ui/Toast.tsx';
import { isolated } from '../names.ts';
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

interface RefusedProps {
  readonly conversation: string;
  readonly problem: ProblemError;
  /** They are in it now. */
  readonly onJoined: () => void;
}

export function Refused({ conversation, problem, onJoined }: RefusedProps) {
  const { session } = useLive();
  const isHidden = problem.code === 'not_found' || problem.code === 'forbidden';
  const words = useWords();
  return (
    <div className={styles.instead}>
      <BackLink corner />
      <h1>{isHidden ? words.conversation.notYours : words.conversation.notShown}</h1>
      {isHidden && isStaff(session) ? (
        <Enter conversation={conversation} onJoined={onJoined} />
      ) : (
        <p>{isHidden ? words.conversation.notYoursText : problemSentence(problem, words)}</p>
      )}
      <a href={hrefOf({ page: 'new' })}>{words.conversation.beginNew}</a>
    </div>
  );
}

/** Staff may bring themselves into any conversation. */
function Enter({ conversation, onJoined }: Omit<RefusedProps, 'problem'>) {
  const { client, session } = useLive();
  const words = useWords();
  const complain = useComplaint();
  const [isJoining, setIsJoining] = useState(false);
  const { participant: id, name } = session;
  const join = () => {
    setIsJoining(true);
    client.api.addParticipant(conversation, { id, name }).then(onJoined, (problem: unknown) => {
      setIsJoining(false);
      complain(problem);
    });
  };
  return (
    <>
      <p>
        {words.conversation.notYoursYet} {words.join.seen(isolated(name))}
      </p>
      <Button look="main" disabled={isJoining} onClick={join}>
        {words.join.join}
      </Button>
    </>
  );
}

export function NoLonger() {
  const words = useWords().conversation;
  return <p className={styles.noLonger}>{words.noLonger}</p>;
}
