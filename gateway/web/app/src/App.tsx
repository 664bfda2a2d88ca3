/** The session decides what there is to see: the welcome, or the pages. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import { LiveContext, makeClient } from './live/client.ts';
import { ChatPage } from './pages/chat/ChatPage.tsx';
import { WelcomePage } from './pages/welcome/WelcomePage.tsx';
import { navigate, useRoute } from './router.ts';
import {
  expireSession,
  forgetSession,
  loadSession,
  saveSession,
  watchSession,
} from './session/session.ts';
import type { Session } from './session/session.ts';
import { ToastProvider } from './ui/Toast.tsx';

export function App() {
  const [session, setSession] = useState(loadSession);
  const [ended, setEnded] = useState<Session>();

  const begin = useCallback((fresh: Session) => {
    saveSession(fresh);
    setSession(fresh);
    if (window.location.hash.length <= 2) navigate({ page: 'new' }, { replace: true });
  }, []);

  const end = useCallback(
    (why: 'signed-out' | 'expired') => {
      setEnded(why === 'expired' ? session : undefined);
      setSession(undefined);
      if (why === 'signed-out') forgetSession();
      else if (session) expireSession(session);
    },
    [session],
  );

  useEffect(
    () =>
      watchSession({
        signedIn: (fresh) => {
          setSession((old) => (old?.participant === fresh.participant ? old : fresh));
        },
      }),
    [],
  );

  return (
    <ToastProvider>
      {session ? (
        <SignedIn key={session.token} session={session} onEnd={end} />
      ) : (
        <WelcomePage expired={ended} onSession={begin} />
      )}
    </ToastProvider>
  );
}

interface SignedInProps {
  readonly session: Session;
  readonly onEnd: (why: 'signed-out' | 'expired') => void;
}

function SignedIn({ session, onEnd }: SignedInProps) {
  const route = useRoute();
  const client = useMemo(() => makeClient(session), [session]);
  const live = useMemo(() => ({ client, session }), [client, session]);

  useEffect(() => {
    client.start();
    const ignore = client.listen(() => {
      const { status } = client;
      if (status.state === 'ended' && status.reason === 'unauthenticated') onEnd('expired');
    });
    return () => {
      ignore();
      client.stop();
    };
  }, [client, onEnd]);

  const signOut = useCallback(() => {
    client.stop();
    onEnd('signed-out');
  }, [client, onEnd]);

  useEffect(() => watchSession({ signedOut: signOut }), [signOut]);

  return (
    <LiveContext value={live}>
      <ChatPage route={route} onSignOut={signOut} />
    </LiveContext>
  );
}
