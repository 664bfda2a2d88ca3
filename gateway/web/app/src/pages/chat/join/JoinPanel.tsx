/**
 * Says what the invitation in the address invites to, and asks: a link alone makes nobody join.
 * What comes of it takes its place there.
 */
import { useCallback, useEffect, useState } from 'react';
import { useLive } from '../../../live/client.ts';
import { navigate } from '../../../router.ts';
import { BackLink } from '../BackLink.tsx';
import styles from '../conversation/ConversationPanel.module.css';
import { Loading } from '../conversation/Instead.tsx';
import { NotLetIn } from './NotLetIn.tsx';
import { Question } from './Question.tsx';
import type { Invitation } from '@convene/client';

interface JoinPanelProps {
  readonly invite: string;
  /** They have said already that they want to. */
  readonly agreed: boolean;
  readonly onJoined: () => void;
}

type Step =
  | { readonly at: 'reading' | 'joining' }
  | { readonly at: 'asking'; readonly invitation: Invitation }
  | { readonly at: 'refused'; readonly problem: unknown; readonly again: 'reading' | 'joining' };

export function JoinPanel({ invite, agreed, onJoined }: JoinPanelProps) {
  const { client } = useLive();
  const [step, setStep] = useState<Step>({ at: agreed ? 'joining' : 'reading' });
  const { at } = step;

  const goIn = useCallback((id: string) => {
    navigate({ page: 'conversation', id }, { replace: true });
  }, []);

  useEffect(() => {
    if (at !== 'reading' && at !== 'joining') return;
    let isWanted = true;
    const read = async () => {
      const invitation = await client.api.invitation(invite);
      if (!isWanted) return;
      if (invitation.joined) goIn(invitation.conversation);
      else setStep({ at: 'asking', invitation });
    };
    const join = async () => {
      const { id } = await client.api.join(invite);
      onJoined();
      if (isWanted) goIn(id);
    };
    (at === 'reading' ? read() : join()).catch((problem: unknown) => {
      if (isWanted) setStep({ at: 'refused', problem, again: at });
    });
    return () => {
      isWanted = false;
    };
  }, [at, client, goIn, invite, onJoined]);

  return (
    <main className={styles.panel}>
      <BackLink corner />
      {step.at === 'asking' ? (
        <Question
          invitation={step.invitation}
          onJoin={() => {
            setStep({ at: 'joining' });
          }}
        />
      ) : step.at === 'refused' ? (
        <NotLetIn
          problem={step.problem}
          onRetry={() => {
            setStep({ at: step.again });
          }}
        />
      ) : (
        <Loading />
      )}
    </main>
  );
}
