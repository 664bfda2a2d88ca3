/** Who is signed in. Kept in the browser's storage and shared by its tabs. */
import { Api, guestToken, guestTokens } from '@convene/client';
import type { Account, TokenSource } from '@convene/client';

export interface Session {
  readonly token: string;
  readonly participant: string;
  readonly name: string;
  /** What the account may do; absent: what anybody may. */
  readonly role?: Account;
  /** Seconds since 1970. */
  readonly expiresAt: number | undefined;
  /** Of a guest: from here on a fresh token is asked for, in milliseconds since 1970. */
  readonly renewAt?: number | undefined;
}

const KEY = 'convene.session';

export function loadSession(): Session | undefined {
  try {
    const session = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Session | null;
    return session && !isExpired(session) ? session : undefined;
  } catch {
    return undefined;
  }
}

export function saveSession(session: Session): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(session));
  } catch {
    // Without storage the session lasts as long as the page.
  }
}

/** Ends it, and no more: whoever signs in again as the same person finds everything there. */
export function expireSession(session: Session): void {
  const isOurs = loadSession()?.participant === session.participant;
  if (isOurs) saveSession({ ...session, token: '', expiresAt: 0 });
}

/** What another tab did: signed out, or signed in. Listens until the returned function is called. */
export function watchSession(hooks: {
  signedOut?: () => void;
  signedIn?: (session: Session) => void;
}): () => void {
  const stop = new AbortController();
  const changed = ({ key, newValue }: StorageEvent) => {
    if (key !== KEY && key !== null) return;
    const session = loadSession();
    if (session) hooks.signedIn?.(session);
    else if (newValue === null) hooks.signedOut?.();
  };
  window.addEventListener('storage', changed, { signal: stop.signal });
  return () => {
    stop.abort();
  };
}

/** Forgets the person and everything that was read or written as them on this device. */
export function forgetSession(): void {
  browserStorage('local')?.removeItem(KEY);
  for (const storage of [browserStorage('local'), browserStorage('session')]) {
    for (const key of Object.keys(storage ?? {})) {
      if (key.startsWith('convene:')) storage?.removeItem(key);
    }
  }
}

export async function signInAsGuest(name: string): Promise<Session> {
  const guest = await new Api({ baseUrl: '' }).guest(name);
  return { participant: guest.participant, name: guest.name, ...guestToken(guest) };
}

export async function signInWithToken(token: string): Promise<Session> {
  const me = await new Api({
    baseUrl: '',
    token: (why) => (why === 'refused' ? undefined : token),
  }).me();
  return {
    token,
    participant: me.participant,
    name: me.name,
    role: me.role,
    expiresAt: me.expires_at,
  };
}

/** Whether they are of those who run this. The server decides; this only spares others useless buttons. */
export function isStaff({ role }: Session): boolean {
  return role === 'operator' || role === 'admin';
}

/** The token of `session`, or a fresher one of the same person that this or another tab has got. */
export function tokensOf(session: Session): TokenSource {
  const { expiresAt, renewAt } = session;
  if (expiresAt !== undefined && renewAt !== undefined) {
    return tokensOfGuest({ ...session, expiresAt, renewAt });
  }
  return (reason, old) => {
    const stored = loadSession();
    const newest = stored?.participant === session.participant ? stored.token : session.token;
    return reason === 'refused' && newest === old ? undefined : newest;
  };
}

function tokensOfGuest(session: Session & { expiresAt: number; renewAt: number }): TokenSource {
  // Without storage the page alone remembers.
  let own = session;
  return guestTokens({
    place: {
      load: () => {
        const stored = loadSession();
        const isOurs = stored?.participant === session.participant;
        const { token, expiresAt = own.expiresAt, renewAt = own.renewAt } = isOurs ? stored : own;
        return { token, expiresAt, renewAt };
      },
      save: (fresh) => {
        own = { ...own, ...fresh };
        // Whoever has signed out meanwhile stays so.
        if (loadSession()?.participant === own.participant) saveSession(own);
      },
    },
  });
}

/** The browser's storage, or nothing where it is switched off. */
export function browserStorage(kind: 'local' | 'session'): Storage | undefined {
  try {
    return kind === 'local' ? window.localStorage : window.sessionStorage;
  } catch {
    return undefined;
  }
}

function isExpired({ expiresAt }: Session): boolean {
  return expiresAt !== undefined && expiresAt * 1000 <= Date.now();
}
