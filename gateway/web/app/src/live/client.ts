/** The client of the person signed in, and hooks that follow it. */
import { ConveneClient } from '@convene/client';
import type { ConversationState, Status } from '@convene/client';
import { createContext, useCallback, useContext, useEffect, useSyncExternalStore } from 'react';
import { browserStorage, tokensOf } from '../session/session.ts';
import type { Session } from '../session/session.ts';

export interface Live {
  readonly client: ConveneClient;
  readonly session: Session;
}

export const LiveContext = createContext<Live | undefined>(undefined);

export function makeClient(session: Session): ConveneClient {
  return new ConveneClient({
    participant: session.participant,
    token: tokensOf(session),
    viewStorage: browserStorage('session'),
    outboxStorage: browserStorage('local'),
    schedule: onceAFrame,
    timezone: here(),
  });
}

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error('no client: this belongs inside a LiveContext');
  return live;
}

export function useStatus(): Status {
  const { client } = useLive();
  return useSyncExternalStore(
    useCallback((changed) => client.listen(changed), [client]),
    () => client.status,
  );
}

/** Follows a conversation for as long as the component is there. */
export function useConversation(id: string): ConversationState {
  const { client } = useLive();
  useEffect(() => client.open(id), [client, id]);
  return useSyncExternalStore(
    useCallback((changed) => client.listen(changed), [client]),
    () => client.state(id),
  );
}

/** Where the browser is; undefined where it tells no name of the IANA database, which the server would refuse. */
function here(): string | undefined {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return /^[A-Za-z][\w+/-]{0,63}$/.test(timeZone) ? timeZone : undefined;
}

/** However many deltas arrive, the page is drawn once a frame. */
function onceAFrame(run: () => void): void {
  if (document.visibilityState === 'visible') requestAnimationFrame(run);
  else setTimeout(run, 250);
}
