/** A guest's token, renewed in time. */
import { Api } from './api.ts';
import type { Guest } from './types.ts';
import type { TokenSource } from './wire/connection.ts';

export interface GuestToken {
  readonly token: string;
  /** From here on a fresh one is asked for, in milliseconds since 1970. */
  readonly renewAt: number;
  /** In seconds since 1970. */
  readonly expiresAt: number;
}

/** Where a guest's token is kept: best in a storage that tabs share. */
export interface GuestTokenPlace {
  load(): GuestToken | undefined;
  save(token: GuestToken): void;
}

export interface GuestTokensOptions {
  /** As of the client. */
  readonly baseUrl?: string;
  readonly place: GuestTokenPlace;
  readonly fetch?: typeof fetch;
}

/** After an attempt to renew that failed, in milliseconds. */
const TRY_AGAIN_MS = 30_000;

/** What to keep of a guest who has just come in. */
export function guestToken({ token, expires_at: expiresAt }: Guest): GuestToken {
  const now = Date.now();
  return { token, expiresAt, renewAt: now + (expiresAt * 1000 - now) / 2 };
}

/**
 * Tokens of a guest. Once half of a token's time is over a fresh one is got, whenever there is
 * occasion: so a guest who comes back now and then stays who they are.
 */
export function guestTokens({ baseUrl = '', place, ...rest }: GuestTokensOptions): TokenSource {
  let renewing: Promise<void> | undefined;
  let notBefore = 0;

  const renew = async ({ token }: GuestToken) => {
    try {
      const api = new Api({
        baseUrl,
        token: (why) => (why === 'refused' ? undefined : token),
        ...rest,
      });
      place.save(guestToken(await api.renew()));
    } catch {
      // The old one is good for a while yet.
      notBefore = Date.now() + TRY_AGAIN_MS;
    } finally {
      renewing = undefined;
    }
  };

  return async (reason, old) => {
    const held = place.load();
    if (!held || (reason === 'refused' && held.token === old)) return undefined;
    const isLate = reason === 'expiring' && held.token === old;
    const isDue = Date.now() >= Math.max(held.renewAt, notBefore);
    if (reason !== 'refused' && (isLate || isDue)) renewing ??= renew(held);
    if (isLate) await renewing;
    return place.load()?.token;
  };
}
