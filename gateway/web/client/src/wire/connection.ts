/** One socket at a time to any gateway, opened again whenever it is lost. */
import type { ClientFrame, FrameOf, ServerFrame } from '../types.ts';
import { backoff } from './backoff.ts';
import { afterClose } from './close.ts';
import { Liveness } from './liveness.ts';
import type { Socket, SocketMaker } from './socket.ts';

export type Status =
  | { readonly state: 'idle' | 'connecting' | 'open' }
  /** Lost; the next try is at `until`, in milliseconds since 1970. */
  | { readonly state: 'waiting'; readonly until: number; readonly attempt: number }
  /** Over until something changes: another token, another version of this client. */
  | { readonly state: 'ended'; readonly reason: 'unauthenticated' | 'refused' };

/** Why a token is asked for: at first, or since the one in use expires or was refused. */
export type TokenReason = 'connect' | 'expiring' | 'refused';

/**
 * Gives a token, or nothing where the person must sign in again. `old` is the one that expires or was
 * refused: of several connections each has its own, and one may have been asked for another since.
 */
export type TokenSource = (
  reason: TokenReason,
  old?: string,
) => string | undefined | Promise<string | undefined>;

export interface ConnectionHooks {
  status(status: Status): void;
  /** Every frame but those that keep the connection itself. */
  frame(frame: ServerFrame): void;
  /** A number for a request of the connection's own. */
  request(): number;
}

export interface ConnectionOptions {
  /** Of the socket, `ws:` or `wss:`. */
  readonly url: string;
  readonly token: TokenSource;
  readonly WebSocket: SocketMaker;
}

const RETRY = { base: 500, cap: 20_000 };
/** From opening the socket to the welcome, in milliseconds. */
const WELCOME_MS = 10_000;
/** A connection that lived this long was a good one: the next backoff begins anew. */
const GOOD_MS = 5000;
/** A fresh token is asked for this long before the old one expires, in milliseconds. */
const RENEW_AHEAD_MS = 60_000;
/** But not when so little time is left, in milliseconds. */
const LAST_RENEWAL_MS = 2000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #hooks: ConnectionHooks;
  readonly #liveness: Liveness;
  #status: Status = { state: 'idle' };
  #socket: Socket | undefined;
  /** The token that the socket was opened with, or renewed. */
  #used: string | undefined;
  /** Counts the sockets: what belongs to an earlier one is told by its number. */
  #generation = 0;
  #attempt = 0;
  #openedAt = 0;
  #refused = false;
  #drainMs: number | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #welcome: ReturnType<typeof setTimeout> | undefined;
  #renewal: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ConnectionOptions, hooks: ConnectionHooks) {
    this.#options = options;
    this.#hooks = hooks;
    this.#liveness = new Liveness({
      ping: () => {
        this.send({ type: 'ping', request: hooks.request() });
      },
      dead: () => {
        this.#lost(1006);
      },
    });
  }

  get status(): Status {
    return this.#status;
  }

  start(): void {
    const { state } = this.#status;
    if (state !== 'idle' && state !== 'ended') return;
    this.#attempt = 0;
    this.#refused = false;
    void this.#open('connect');
  }

  stop(): void {
    this.#drop();
    this.#set({ state: 'idle' });
  }

  /** Whether it was handed to an open socket. That is not yet an answer. */
  send(frame: ClientFrame): boolean {
    if (this.#status.state !== 'open' || this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Things may have changed: try now rather than later, or see whether the socket still lives. */
  wake(): void {
    if (this.#status.state === 'open') this.#liveness.probe();
    if (this.#status.state === 'waiting') void this.#open('connect');
  }

  async #open(reason: TokenReason, old?: string): Promise<void> {
    this.#drop();
    const generation = this.#generation;
    this.#set({ state: 'connecting' });
    try {
      const token = await this.#token(reason, old);
      if (generation !== this.#generation) return;
      if (token === undefined) this.#set({ state: 'ended', reason: 'unauthenticated' });
      else this.#dial(token, generation);
    } catch {
      if (generation === this.#generation) this.#later(this.#nextDelay());
    }
  }

  #dial(token: string, generation: number): void {
    const socket = new this.#options.WebSocket(this.#options.url);
    this.#socket = socket;
    this.#used = token;
    this.#welcome = setTimeout(() => {
      this.#lost(1006);
    }, WELCOME_MS);
    const current = () => generation === this.#generation;
    socket.onopen = () => {
      if (current()) socket.send(hello(this.#hooks.request(), token));
    };
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      if (current() && typeof data === 'string') this.#take(data, token);
    };
    socket.onclose = ({ code }: { readonly code: number }) => {
      if (current()) this.#lost(code);
    };
    // A close follows, and says more. Unheard, an error of `ws` would end the process.
    socket.onerror = () => undefined;
  }

  #take(data: string, token: string): void {
    this.#liveness.heard();
    const frame = frameOf(data);
    if (!frame) {
      this.#lost(1006);
      return;
    }
    switch (frame.type) {
      case 'welcome':
        this.#welcomed(frame, this.#used ?? token);
        break;
      case 'drain':
        this.#drained(frame.delay_ms);
        break;
      case 'pong':
        break;
      default:
        this.#hooks.frame(frame);
    }
  }

  #welcomed(welcome: FrameOf<'welcome'>, token: string): void {
    clearTimeout(this.#welcome);
    this.#liveness.start(welcome.heartbeat_ms);
    this.#refused = false;
    if (welcome.expires_at) this.#renewBefore(welcome.expires_at * 1000, token);
    if (this.#status.state === 'open') return;
    this.#openedAt = Date.now();
    this.#set({ state: 'open' });
  }

  #renewBefore(expiry: number, token: string): void {
    clearTimeout(this.#renewal);
    const left = Math.max(0, expiry - Date.now());
    const wait = Math.max(left - RENEW_AHEAD_MS, left / 2);
    const generation = this.#generation;
    this.#renewal = setTimeout(
      () => {
        void this.#renew(expiry, token, generation);
      },
      Math.min(wait, LONGEST_TIMER_MS),
    );
  }

  /** Where there is no fresh token it is asked for again, until the old one expires. */
  async #renew(expiry: number, old: string, generation: number): Promise<void> {
    const fresh = await this.#token('expiring', old).catch(() => undefined);
    if (generation !== this.#generation) return;
    if (fresh !== undefined && fresh !== old) {
      this.#used = fresh;
      this.#socket?.send(hello(this.#hooks.request(), fresh));
    } else if (expiry - Date.now() > LAST_RENEWAL_MS) {
      this.#renewBefore(expiry, old);
    }
  }

  async #token(reason: TokenReason, old?: string): Promise<string | undefined> {
    return this.#options.token(reason, old);
  }

  #drained(delay: number): void {
    this.#drainMs = delay;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      void this.#open('connect');
    }, delay);
  }

  #lost(code: number): void {
    const lived = this.#status.state === 'open' ? Date.now() - this.#openedAt : 0;
    if (lived >= GOOD_MS) this.#attempt = 0;
    const drain = this.#drainMs;
    this.#drop();
    switch (afterClose(code)) {
      case 'give-up':
        this.#set({ state: 'ended', reason: 'refused' });
        break;
      case 'renew-token':
        if (this.#refused) {
          this.#set({ state: 'ended', reason: 'unauthenticated' });
          break;
        }
        this.#refused = true;
        void this.#open('refused', this.#used);
        break;
      case 'reconnect':
        this.#later(drain ?? this.#nextDelay());
        break;
    }
  }

  #nextDelay(): number {
    const delay = backoff(this.#attempt, RETRY);
    this.#attempt += 1;
    return delay;
  }

  #later(delay: number): void {
    this.#set({ state: 'waiting', until: Date.now() + delay, attempt: this.#attempt });
    this.#retry = setTimeout(() => {
      void this.#open('connect');
    }, delay);
  }

  /** Forgets the socket and all that belongs to it. */
  #drop(): void {
    this.#generation += 1;
    this.#drainMs = undefined;
    clearTimeout(this.#retry);
    clearTimeout(this.#welcome);
    clearTimeout(this.#renewal);
    this.#liveness.stop();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #set(status: Status): void {
    this.#status = status;
    this.#hooks.status(status);
  }
}

/** Undefined where it was damaged on its way. */
function frameOf(data: string): ServerFrame | undefined {
  try {
    return JSON.parse(data) as ServerFrame;
  } catch {
    return undefined;
  }
}

function hello(request: number, token: string): string {
  return JSON.stringify({ type: 'hello', request, token } satisfies ClientFrame);
}
