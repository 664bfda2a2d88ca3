/** Who is signed in. Kept in the browser's storage and shared by its tabs. */
import { Api } from '@convene/client';
import type { TokenSource } from '@convene/client';

export interface Session {
  readonly token: string;
  readonly participant: string;
  readonly name: string;
  /** Seconds since 1970. */
  readonly expiresAt: number | undefined;
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

/** Forgets the token alone: whoever signs in again as the same person finds everything there. */
export function dropSession(): void {
  browserStorage('local')?.removeItem(KEY);
}

/** Forgets the person and everything that was read or written as them on this device. */
export function forgetSession(): void {
  dropSession();
  for (const storage of [browserStorage('local'), browserStorage('session')]) {
    for (const key of Object.keys(storage ?? {})) {
      if (key.startsWith('convene:')) storage?.removeItem(key);
    }
  }
}

export async function signInAsGuest(name: string): Promise<Session> {
  const guest = await new Api({ baseUrl: '' }).guest(name);
  const { token, participant, expires_at: expiresAt } = guest;
  return { token, participant, name: guest.name, expiresAt };
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
    expiresAt: me.expires_at,
  };
}

/** The token of `session`, or a fresher one of the same person that another tab has got. */
export function tokensOf(session: Session): TokenSource {
  let given = session.token;
  return (reason) => {
    const stored = loadSession();
    const newest = stored?.participant === session.participant ? stored.token : given;
    if (reason === 'refused' && newest === given) return undefined;
    given = newest;
    return given;
  };
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
