/** The client: one connection, the feeds of the open conversations, the outbox, the REST side. */
import { Api } from './api.ts';
import { Delivery } from './delivery.ts';
import type { SendFrame } from './delivery.ts';
import { Feed } from './feed.ts';
import type { FeedState } from './feed.ts';
import type { View } from './fold/view.ts';
import { firstOf, hasOlder } from './fold/window.ts';
import { freshId } from './ids.ts';
import { Listeners } from './listeners.ts';
import type { Schedule } from './listeners.ts';
import { Memory } from './memory.ts';
import { Outbox } from './outbox.ts';
import type { Pending } from './outbox.ts';
import { ProblemError, unreachable } from './problem.ts';
import { SafeStorage } from './storage.ts';
import type { KeyValue } from './storage.ts';
import type { ClientFrame, NewAct, NewMessage, ServerFrame } from './types.ts';
import { socketUrl } from './wire/address.ts';
import { backoff } from './wire/backoff.ts';
import { Connection } from './wire/connection.ts';
import type { Status, TokenSource } from './wire/connection.ts';
import { watchEnvironment } from './wire/environment.ts';
import { Requests } from './wire/requests.ts';
import type { Waiter } from './wire/requests.ts';
import { socketMaker } from './wire/socket.ts';
import type { SocketMaker } from './wire/socket.ts';

export interface ClientOptions {
  /** Where the gateway is, such as `https://chat.example.org`; absent: where the page came from. */
  readonly baseUrl?: string;
  /** Whose client this is: what is stored is kept apart by it. */
  readonly participant: string;
  readonly token: TokenSource;
  /** Holds what was read, for a reload; best the `sessionStorage`. Absent: nothing is held. */
  readonly viewStorage?: KeyValue | undefined;
  /** Holds what was said and not accepted; best the `localStorage`. */
  readonly outboxStorage?: KeyValue | undefined;
  /**
   * Where the person is, by a name of the IANA database such as `Europe/Berlin`: told with all that
   * they say, press and submit, so that agents know what "tomorrow" is to them.
   */
  readonly timezone?: string | undefined;
  /** When to tell listeners, such as in the next animation frame. Default: after this task. */
  readonly schedule?: Schedule;
  /** Default: the platform's. Node before 22 has none: give that of `ws`. */
  readonly WebSocket?: SocketMaker;
  readonly fetch?: typeof fetch;
}

/** A conversation, as a page shows it. */
export interface ConversationState extends FeedState {
  /** What this person said here and the log does not show yet, oldest first. */
  readonly pending: readonly Pending[];
  readonly loadingOlder: boolean;
}

export type SendOptions = Pick<NewMessage, 'to' | 'policy' | 'timezone'>;

/** Feeds that nobody has open, kept so that going back to one is instant. */
const FEEDS_KEPT = 12;
/** A conversation closed and opened again within this time stays subscribed, in milliseconds. */
const LINGER_MS = 300;
const SAVE_EVERY_MS = 1000;
const HISTORY_PAGE = 100;
/** A longer message goes by REST: there, one that is too long costs an answer, not the socket. */
const LONGEST_FRAME = 16_384;
/** How long a press is tried again, and how soon, in milliseconds. */
const ACT_PATIENCE_MS = 20_000;
const ACT_RETRY = { base: 300, cap: 3000 };
/** `typing` is said at most this often, in milliseconds. */
const TYPING_EVERY_MS = 3000;

interface Open {
  readonly feed: Feed;
  users: number;
  closing: ReturnType<typeof setTimeout> | undefined;
  state: ConversationState | undefined;
  loadingOlder: boolean;
  typedAt: number;
  readTo: number;
}

export class ConveneClient {
  readonly api: Api;
  readonly #connection: Connection;
  readonly #requests = new Requests();
  readonly #outbox: Outbox;
  readonly #delivery: Delivery;
  readonly #memory: Memory;
  readonly #open = new Map<string, Open>();
  readonly #listeners: Listeners;
  readonly #here: Pick<NewMessage, 'timezone'>;
  #unwatch: (() => void) | undefined;
  #saving: ReturnType<typeof setInterval> | undefined;

  constructor(options: ClientOptions) {
    const { participant, token } = options;
    const baseUrl = options.baseUrl ?? '';
    this.#here = options.timezone === undefined ? {} : { timezone: options.timezone };
    const fetcher = options.fetch ? { fetch: options.fetch } : {};
    this.api = new Api({ baseUrl, token, ...fetcher });
    this.#listeners = new Listeners(options.schedule ?? queueMicrotask, () => {
      this.#tidy();
    });
    this.#memory = new Memory(new SafeStorage(options.viewStorage, `convene:view:${participant}:`));
    this.#outbox = new Outbox(
      new SafeStorage(options.outboxStorage, `convene:outbox:${participant}:`),
      (conversation) => {
        this.#changed(conversation);
      },
    );
    this.#delivery = new Delivery(this.#outbox, (frame, waiter) => this.#deliver(frame, waiter));
    this.#connection = new Connection(
      { url: socketUrl(baseUrl), token, WebSocket: socketMaker(options.WebSocket) },
      {
        request: () => this.#requests.next(),
        status: (status) => {
          this.#turned(status);
        },
        frame: (frame) => {
          this.#take(frame);
        },
      },
    );
  }

  get status(): Status {
    return this.#connection.status;
  }

  /** Connects, and stays connected until `stop`. */
  start(): void {
    this.#unwatch ??= watchEnvironment({
      wake: () => {
        this.#connection.wake();
      },
      hide: () => {
        this.#save();
      },
    });
    this.#saving ??= setInterval(() => {
      this.#save();
    }, SAVE_EVERY_MS);
    this.#connection.start();
  }

  stop(): void {
    this.#save();
    this.#unwatch?.();
    this.#unwatch = undefined;
    clearInterval(this.#saving);
    this.#saving = undefined;
    for (const open of this.#open.values()) clearTimeout(open.closing);
    this.#connection.stop();
  }

  /** Tries to connect now, rather than when the backoff ends. */
  reconnect(): void {
    this.#connection.wake();
  }

  /** Calls `listener` whenever the status or the state of a conversation is another one. */
  listen(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Follows a conversation until the returned function is called. */
  open(conversation: string): () => void {
    const open = this.#openOf(conversation);
    clearTimeout(open.closing);
    open.closing = undefined;
    open.users += 1;
    this.#open.delete(conversation);
    this.#open.set(conversation, open);
    if (open.users === 1 && open.feed.state.sync !== 'live') open.feed.subscribe();
    return () => {
      open.users -= 1;
      if (open.users > 0) return;
      open.closing = setTimeout(() => {
        this.#close(open);
      }, LINGER_MS);
    };
  }

  /** What is known of a conversation now: the same object until something changes. */
  state(conversation: string): ConversationState {
    const open = this.#openOf(conversation);
    open.state ??= {
      ...open.feed.state,
      pending: this.#pending(open.feed),
      loadingOlder: open.loadingOlder,
    };
    return open.state;
  }

  /** Says something, now or as soon as there is a connection. Returns the message's id. */
  send(conversation: string, text: string, options: SendOptions = {}): string {
    const id = freshId();
    const parts = [{ type: 'text' as const, text }];
    this.#outbox.add(conversation, { id, parts, ...this.#here, ...options });
    this.#delivery.pump(conversation);
    return id;
  }

  /** Tries a refused message once more, as it is. */
  sendAgain(conversation: string, id: string): void {
    this.#outbox.again(id);
    this.#delivery.pump(conversation);
  }

  /** Forgets a message that was not accepted. */
  discard(id: string): void {
    this.#outbox.remove(id);
  }

  /**
   * Presses or submits what a message offers. Once, however often it takes within the patience;
   * rejects with a `ProblemError` where it is refused, or the connection stays away for so long.
   * Unlike what is sent, it does not outlive the page.
   */
  async act(conversation: string, press: Omit<NewAct, 'id'>): Promise<number> {
    const act = { id: freshId(), ...this.#here, ...press };
    const deadline = performance.now() + ACT_PATIENCE_MS;
    for (let failures = 0; ; failures += 1) {
      try {
        return await this.#act(conversation, act);
      } catch (problem) {
        const wait = backoff(failures, ACT_RETRY);
        const mayPass = problem instanceof ProblemError && problem.code === 'unavailable';
        if (!mayPass || performance.now() + wait > deadline) throw problem;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  /** Stops the run under way; rejects with a `ProblemError` where that did not work. */
  cancel(conversation: string, run?: string): Promise<void> {
    return new Promise((resolve, reject: (problem: ProblemError) => void) => {
      const asked = this.#ask(
        (request) =>
          run === undefined
            ? { type: 'cancel', request, conversation }
            : { type: 'cancel', request, conversation, run },
        {
          answered: () => {
            resolve();
          },
          failed: reject,
        },
      );
      if (asked === undefined) reject(unreachable('There is no connection right now.'));
    });
  }

  /** The person is typing. May be called at every key. */
  typing(conversation: string): void {
    const open = this.#openOf(conversation);
    const now = performance.now(); // which no setting of the clock changes
    if (now - open.typedAt < TYPING_EVERY_MS) return;
    if (this.#connection.send({ type: 'typing', conversation })) open.typedAt = now;
  }

  /** The person has read up to the event `seq`. May be called at every scroll. */
  read(conversation: string, seq: number): void {
    const open = this.#openOf(conversation);
    if (seq <= open.readTo) return;
    if (this.#connection.send({ type: 'read', conversation, seq })) open.readTo = seq;
  }

  /** Reads one more page of the past into the view. */
  async loadOlder(conversation: string): Promise<void> {
    const open = this.#openOf(conversation);
    const { view } = open.feed.state;
    if (!view || !hasOlder(view) || open.loadingOlder) return;
    open.loadingOlder = true;
    this.#changed(conversation);
    try {
      const page = await this.api.history(conversation, firstOf(view), HISTORY_PAGE);
      open.feed.prepend(page.events, view.events[0], page.first);
    } finally {
      open.loadingOlder = false;
      this.#changed(conversation);
    }
  }

  #openOf(conversation: string): Open {
    const known = this.#open.get(conversation);
    if (known) return known;
    const link = {
      ask: (frame: (request: number) => ClientFrame, waiter: Waiter) => this.#ask(frame, waiter),
      changed: () => {
        this.#changed(conversation);
      },
    };
    const open: Open = {
      feed: new Feed(conversation, link, this.#memory),
      users: 0,
      closing: undefined,
      state: undefined,
      loadingOlder: false,
      typedAt: -Infinity,
      readTo: 0,
    };
    this.#open.set(conversation, open);
    return open;
  }

  #close(open: Open): void {
    const { feed } = open;
    const { conversation } = feed;
    this.#connection.send({ type: 'unsubscribe', request: this.#requests.next(), conversation });
    feed.pause();
    feed.save();
    const unused = [...this.#open].filter(([, other]) => other.users === 0);
    for (const [id] of unused.slice(0, -FEEDS_KEPT)) this.#open.delete(id);
  }

  #ask(frame: (request: number) => ClientFrame, waiter: Waiter): number | undefined {
    const request = this.#requests.next();
    if (!this.#connection.send(frame(request))) return undefined;
    this.#requests.expect(request, waiter);
    return request;
  }

  #act(conversation: string, act: NewAct): Promise<number> {
    if (JSON.stringify(act).length > LONGEST_FRAME) {
      return this.api.act(conversation, act).then(({ seq }) => seq);
    }
    return new Promise((resolve, reject: (problem: ProblemError) => void) => {
      const asked = this.#ask((request) => ({ type: 'act', request, conversation, act }), {
        answered: (answer) => {
          resolve(answer.type === 'accepted' ? (answer.seq ?? 0) : 0);
        },
        failed: reject,
      });
      if (asked === undefined) reject(unreachable('There is no connection right now.'));
    });
  }

  #deliver(frame: SendFrame, waiter: Waiter): boolean {
    const { conversation, message, traceparent } = frame;
    if (JSON.stringify(message).length <= LONGEST_FRAME) {
      return this.#ask((request) => ({ ...frame, request }), waiter) !== undefined;
    }
    if (this.status.state !== 'open') return false;
    this.api.send(conversation, message, traceparent ?? undefined).then(
      ({ seq }) => {
        waiter.answered({ type: 'accepted', request: 0, conversation, seq });
      },
      (problem: unknown) => {
        // Stopped, as by signing out: a refusal that is noted now would be left in the storage.
        const isNoted = problem instanceof ProblemError && this.status.state !== 'idle';
        waiter.failed(isNoted ? problem : unreachable(String(problem)));
      },
    );
    return true;
  }

  #turned(status: Status): void {
    if (status.state === 'open') {
      for (const { feed, users } of this.#open.values()) if (users > 0) feed.subscribe();
      this.#delivery.pumpAll();
    } else {
      this.#delivery.stop();
      this.#requests.abandon();
      for (const { feed } of this.#open.values()) feed.pause();
    }
    this.#listeners.changed();
  }

  #take(frame: ServerFrame): void {
    if (this.#requests.settle(frame)) return;
    if ('conversation' in frame) this.#open.get(frame.conversation)?.feed.take(frame);
  }

  #pending({ conversation, state: { view } }: Feed): readonly Pending[] {
    return this.#outbox.of(conversation).filter((entry) => !isShown(entry, view));
  }

  /** Drops what has arrived: accepted, and shown by the log or shown nowhere. */
  #tidy(): void {
    for (const entry of this.#outbox.entries) {
      const view = this.#open.get(entry.conversation)?.feed.state.view;
      if (entry.state === 'accepted' && (!view || isShown(entry, view))) {
        this.#outbox.remove(entry.message.id);
      }
    }
  }

  #save(): void {
    for (const { feed } of this.#open.values()) feed.save();
  }

  #changed(conversation: string): void {
    const open = this.#open.get(conversation);
    if (open) open.state = undefined;
    this.#listeners.changed();
  }
}

/** Whether the view has the message in it, or has passed the place where it stands. */
function isShown({ message, seq }: Pending, view: View | undefined): boolean {
  if (!view) return false;
  if (seq !== undefined && seq <= view.last) return true;
  return view.timeline.items.some((item) => item.id === message.id);
}
