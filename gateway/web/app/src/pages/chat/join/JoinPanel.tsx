/** Takes up the invitation that the address holds; what came of it takes its place there. */
import { ProblemError } from '@convene/client';
import { useEffect, useState } from 'react';
import { useLive } from '../../../live/client.ts';
import { hrefOf, navigate } from '../../../router.ts';
import { Button } from '../../../ui/Button.tsx';
import styles from '../conversation/ConversationPanel.module.css';
import { Loading } from '../conversation/Instead.tsx';

interface JoinPanelProps {
  readonly invite: string;
  readonly onJoined: () => void;
}

export function JoinPanel({ invite, onJoined }: JoinPanelProps) {
  const { client } = useLive();
  const [tries, setTries] = useState(1);
  const [problem, setProblem] = useState<unknown>();

  useEffect(() => {
    let isWanted = true;
    client.api
      .join(invite)
      .then(({ id }) => {
        onJoined();
        if (isWanted) navigate({ page: 'conversation', id }, { replace: true });
      })
      .catch((reason: unknown) => {
        if (isWanted) setProblem(reason);
      });
    return () => {
      isWanted = false;
    };
  }, [client, invite, onJoined, tries]);

  return (
    <main className={styles.panel}>
      {problem === undefined ? (
        <Loading />
      ) : (
        <div className={styles.instead} role="alert">
          <h1>You could not be let in</h1>
          <p>{problem instanceof Error ? problem.message : 'That did not work.'}</p>
          {problem instanceof ProblemError && problem.retryable && (
            <Button
              look="main"
              onClick={() => {
                setProblem(undefined);
                setTries(tries + 1);
              }}
            >
              Try again
            </Button>
          )}
          <a href={hrefOf({ page: 'new' })}>Begin a conversation instead</a>
        </div>
      )}
    </main>
  );
}
