/** The door: a name is enough, or a token where guests are not let in. */
import { ProblemError } from '@convene/client';
import { useState } from 'react';
import { signInAsGuest, signInWithToken } from '../../session/session.ts';
import type { Session } from '../../session/session.ts';
import { navigate, useRoute } from '../../router.ts';
import { Button } from '../../ui/Button.tsx';
import { ThemeToggle } from '../../ui/ThemeToggle.tsx';
import { EntryForm } from './EntryForm.tsx';
import { Mark } from './Mark.tsx';
import styles from './WelcomePage.module.css';

interface WelcomePageProps {
  /** The session that ran out, if that is why we are here. */
  readonly expired: Session | undefined;
  readonly onSession: (session: Session) => void;
}

type Way = 'name' | 'token' | 'token-only';

export function WelcomePage({ expired, onSession }: WelcomePageProps) {
  // A name would make another person of whoever came with a token.
  const cameWithToken = expired !== undefined && expired.renewAt === undefined;
  const [way, setWay] = useState<Way>(cameWithToken ? 'token' : 'name');
  const route = useRoute();
  const invited = route.page === 'join';

  const enterAsGuest = async (name: string) => {
    try {
      const session = await signInAsGuest(name);
      // The button says "Join": nobody need be asked again.
      if (route.page === 'join') navigate({ ...route, agreed: true }, { replace: true });
      onSession(session);
    } catch (problem) {
      if (!(problem instanceof ProblemError) || problem.code !== 'forbidden') throw problem;
      setWay('token-only');
    }
  };

  return (
    <main className={styles.page}>
      <div className={styles.corner}>
        <ThemeToggle />
      </div>
      <section className={styles.card}>
        <Mark />
        <h1 className={styles.title}>{invited ? 'You are invited' : 'Convene'}</h1>
        <p className={styles.lead}>{leadOf(way, invited, expired !== undefined)}</p>
        {way === 'name' ? (
          <EntryForm
            key="name"
            label="Your name"
            placeholder="Ada"
            initial={expired?.name ?? ''}
            autoComplete="nickname"
            action={invited ? 'Join' : 'Begin'}
            onEnter={enterAsGuest}
          />
        ) : (
          <EntryForm
            key="token"
            label="Access token"
            placeholder="eyJhbGciOi…"
            initial=""
            autoComplete="off"
            action="Sign in"
            secret
            onEnter={async (token) => {
              onSession(await signInWithToken(token));
            }}
          />
        )}
        {way !== 'token-only' && (
          <Button
            look="quiet"
            className={styles.other}
            onClick={() => {
              setWay(way === 'name' ? 'token' : 'name');
            }}
          >
            {way === 'name' ? 'Use an access token' : 'Go in with a name'}
          </Button>
        )}
      </section>
    </main>
  );
}

function leadOf(way: Way, invited: boolean, expired: boolean): string {
  if (way === 'token-only')
    return 'Guests are not let in here. Paste the token that you were given.';
  if (way === 'token')
    return expired
      ? 'Your session has ended. Paste a fresh token to go on.'
      : 'Paste the token that you were given.';
  if (expired) return 'Your session has ended. Sign in to go on.';
  if (invited) return 'Say who you are, and come in.';
  return 'Talk with people and agents in one place, live.';
}
