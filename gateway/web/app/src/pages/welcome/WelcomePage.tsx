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
import { useWords } from '../../i18n/tongue.ts';
import type { Words } from '../../i18n/words/en/index.ts';
import { PRODUCT } from '../../product.ts';
import { LanguageChoice } from '../../ui/LanguageChoice.tsx';
import styles from './WelcomePage.module.css';

interface WelcomePageProps {
  /** The session that ran out, if that is why we are here. */
  readonly expired: Session | undefined;
  readonly onSession: (session: Session) => void;
}

const SAMPLE_NAME = 'Ada';
const SAMPLE_TOKEN = 'eyJhbGciOi…';

type Way = 'name' | 'token' | 'token-only';

export function WelcomePage({ expired, onSession }: WelcomePageProps) {
  // A name would make another person of whoever came with a token.
  const cameWithToken = expired !== undefined && expired.renewAt === undefined;
  const [way, setWay] = useState<Way>(cameWithToken ? 'token' : 'name');
  const route = useRoute();
  const words = useWords();
  const { door } = words;
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
        <LanguageChoice />
        <ThemeToggle />
      </div>
      <section className={styles.card}>
        <Mark />
        <h1 className={styles.title}>{invited ? door.invited : PRODUCT}</h1>
        <p className={styles.lead}>{leadOf(way, invited, expired !== undefined, door)}</p>
        {way === 'name' ? (
          <EntryForm
            key="name"
            label={door.name}
            placeholder={SAMPLE_NAME}
            initial={expired?.name ?? ''}
            autoComplete="nickname"
            action={invited ? door.join : door.begin}
            refused={{ bad_request: door.badName }}
            onEnter={enterAsGuest}
          />
        ) : (
          <EntryForm
            key="token"
            label={door.token}
            placeholder={SAMPLE_TOKEN}
            initial=""
            autoComplete="off"
            action={door.signIn}
            refused={{ unauthenticated: door.badToken, token_expired: door.badToken }}
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
            {way === 'name' ? door.useToken : door.useName}
          </Button>
        )}
      </section>
    </main>
  );
}

function leadOf(way: Way, invited: boolean, expired: boolean, door: Words['door']): string {
  if (way === 'token-only') return door.leadTokenOnly;
  if (way === 'token') return expired ? door.leadTokenExpired : door.leadToken;
  if (expired) return door.leadExpired;
  if (invited) return door.leadInvited;
  return door.lead;
}
