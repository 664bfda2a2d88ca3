/**
 * A server with one true log, behind a network that drops, doubles, reorders and cuts by a seed.
 * What it accepts it keeps; everything else is left to chance.
 */
import type { ClientFrame, Event, ServerFrame } from '../src/types.ts';
import * as make from './builders.ts';
import type { Body } from './builders.ts';
import type { FakeSocket } from './fake-socket.ts';
import { C } from './harness.ts';

/** Mulberry32: small, and the same everywhere. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PIECES = ['a', 'bc ', 'é', '漢字', '👩‍🚀', 'ß\n'];
/** Events that a snapshot holds. */
const TAIL = 8;

interface Writing {
  readonly message: string;
  text: string;
}

export class Adversary {
  readonly #random: () => number;
  /** Every log there ever was: a later one replaces the one before under another epoch. */
  readonly logs: Event[][] = [[make.begun]];
  /** What each streaming message came to, by its id. */
  readonly texts = new Map<string, string>();
  faults = true;
  #writing: Writing | undefined;
  #run = 0;
  #socket: FakeSocket | undefined;
  #seen = 0;
  #subscribed = false;
  /** On the way to the client. */
  #wire: ServerFrame[] = [];
  /** Said long ago on this socket, and able to come once more. */
  #echoes: ServerFrame[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  get log(): Event[] {
    return this.logs.at(-1) ?? [];
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  attach(socket: FakeSocket): void {
    this.#socket = socket;
    this.#seen = 0;
    this.#subscribed = false;
    this.#wire = [];
    this.#echoes = [];
    socket.welcome();
  }

  cut(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.drop();
  }

  /** Something happens in the conversation. */
  live(): void {
    const writing = this.#writing;
    if (!writing) {
      this.#begin();
    } else if (this.chance(0.75)) {
      const offset = bytes(writing.text);
      const text = this.#pick(PIECES);
      writing.text += text;
      this.texts.set(writing.message, writing.text);
      this.#publish({ ...this.#delta(writing.message, offset, text) });
    } else {
      this.#end(writing);
    }
  }

  /** Answers one thing that the client said, or carries one frame to it. */
  step(): void {
    const socket = this.#socket;
    if (!socket) return;
    const asked = socket.sent[this.#seen];
    if (asked && this.chance(0.5)) {
      this.#seen += 1;
      this.#answer(asked);
      return;
    }
    const index = this.faults && this.chance(0.1) ? Math.min(1, this.#wire.length - 1) : 0;
    const [frame] = this.#wire.splice(Math.max(0, index), 1);
    if (frame && !(this.faults && 'position' in frame && this.chance(0.06))) {
      socket.say(frame);
      this.#echoes.push(frame);
    }
    if (this.faults && this.#echoes.length > 0 && this.chance(0.1)) {
      socket.say(
        this.#pick(this.#echoes.filter(({ type }) => type === 'event' || type === 'delta')),
      );
    }
    if (this.faults && this.#subscribed && this.chance(0.02)) {
      this.#say({ type: 'snapshot', conversation: C, ...this.#place(), state: this.#state() });
    }
  }

  get isQuiet(): boolean {
    return this.#wire.length === 0 && this.#seen === this.#socket?.sent.length;
  }

  /** The store lost its end: another log, which begins like the one before. */
  rewind(): void {
    this.#writing = undefined;
    this.logs.push(this.log.slice(0, Math.max(1, Math.floor(this.log.length * this.#random()))));
    this.cut();
  }

  /** Ends the text under way, and says one thing more: a lost end shows by what follows. */
  rest(): void {
    if (this.#writing) this.#end(this.#writing);
    this.#append(make.said(0, 'last', 'bye', 'user:bob'));
  }

  #begin(): void {
    if (this.chance(0.4)) {
      this.#append(make.said(0, `bob-${this.#run}-${this.log.length}`, 'hey', 'user:bob'));
      return;
    }
    this.#run += 1;
    const message = `a${this.#run}`;
    this.#append({
      type: 'run.started',
      run: `r${this.#run}`,
      agent: 'guide',
      attempt: 1,
      inputs: [],
    });
    this.#writing = { message, text: '' };
    this.texts.set(message, '');
    this.#append({ type: 'message.started', message, author: 'agent:guide', run: `r${this.#run}` });
  }

  #end({ message, text }: Writing): void {
    const run = `r${this.#run}`;
    this.#writing = undefined;
    const parts = [{ type: 'text' as const, text }];
    const whole = { id: message, author: 'agent:guide', parts };
    if (this.chance(0.3)) this.#append({ type: 'message.retracted', message, run });
    else this.#append({ type: 'message.completed', message: whole, run, whole: true });
    this.#append({ type: 'run.finished', run, outcome: 'completed' });
  }

  #answer(asked: ClientFrame): void {
    switch (asked.type) {
      case 'subscribe':
        this.#subscribe(asked);
        break;
      case 'send':
        this.#send(asked);
        break;
      case 'ping':
        this.#say({ type: 'pong', request: asked.request });
        break;
    }
  }

  #send({ request, message: { id, parts } }: Extract<ClientFrame, { type: 'send' }>): void {
    if (this.faults && this.chance(0.2)) {
      const message = 'Away.';
      this.#say({ type: 'error', request, code: 'unavailable', message, retryable: true });
      return;
    }
    const known = this.log.find(
      (event) => event.type === 'message.created' && event.message.id === id,
    );
    const message = { id, author: make.ADA.id, parts };
    const { seq } = known ?? this.#append({ type: 'message.created', message });
    if (this.faults && this.chance(0.2)) this.cut();
    else this.#say({ type: 'accepted', request, conversation: C, seq });
  }

  #subscribe({ request, after }: Extract<ClientFrame, { type: 'subscribe' }>): void {
    this.#subscribed = true;
    this.#wire = this.#wire.filter((frame) => !('position' in frame));
    const [epoch, seq, eid, message, , offset] = (after ?? '').split(':');
    const isKnown = this.log[Number(seq) - 1]?.eid === eid && epoch === this.#epoch;
    if (after && isKnown) {
      const here = [make.ADA.id];
      this.#say({ type: 'resumed', request, conversation: C, position: after, here });
      this.#rest(Number(seq), message, Number(offset ?? 0));
    } else {
      const type = after ? 'reset' : 'snapshot';
      this.#say({ type, request, conversation: C, ...this.#place(), state: this.#state() });
    }
  }

  #rest(seq: number, message: string | undefined, offset: number): void {
    for (const event of this.log.slice(seq)) {
      this.#say({ type: 'event', conversation: C, position: this.#positionOf(event), event });
    }
    const writing = this.#writing;
    if (!writing || writing.text === '') return;
    const from = writing.message === message ? offset : 0;
    const text = Buffer.from(writing.text).subarray(from).toString();
    if (text !== '') this.#say(this.#delta(writing.message, from, text));
  }

  #append(body: Body): Event {
    const event = make.event(this.log.length + 1, body);
    event.eid = Math.floor(this.#random() * 2 ** 48)
      .toString(16)
      .padStart(16, '0');
    event.seq = this.log.length + 1;
    this.log.push(event);
    this.#publish({ type: 'event', conversation: C, position: this.#positionOf(event), event });
    return event;
  }

  #publish(frame: ServerFrame): void {
    if (this.#subscribed && this.#socket) this.#say(frame);
  }

  #say(frame: ServerFrame): void {
    this.#wire.push(structuredClone(frame));
  }

  #delta(message: string, offset: number, text: string): ServerFrame {
    const behind = `:${message}:0:${offset + bytes(text)}`;
    const last = this.log.at(-1) ?? make.begun;
    const position = this.#positionOf(last) + behind;
    return { type: 'delta', conversation: C, position, message, part: 0, offset, text };
  }

  #state() {
    const writing = this.#writing;
    const conversation = make.conversation({ head: this.log.length });
    const streaming = writing && { message: writing.message, part: 0, text: writing.text };
    const events = this.log.slice(-TAIL);
    return make.state({ conversation, events, ...(streaming && { streaming }) });
  }

  #place() {
    const writing = this.#writing;
    const behind = writing ? `:${writing.message}:0:${bytes(writing.text)}` : '';
    return { position: this.#positionOf(this.log.at(-1) ?? make.begun) + behind };
  }

  get #epoch(): string {
    return this.logs.length.toString(16).padStart(8, '0');
  }

  #positionOf({ seq, eid }: Event): string {
    return `${this.#epoch}:${seq}:${eid}`;
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T;
  }
}

const bytes = (text: string) => Buffer.byteLength(text);
