/** One conversation of the fake gateway: its log, the text under way, and who listens. */
import { randomBytes } from 'node:crypto';
import type {
  Conversation,
  Event,
  NewAct,
  Part,
  Participant,
  ServerFrame,
  State,
} from '@convene/client';

type Body<E = Event> = E extends Event ? Omit<E, 'seq' | 'eid' | 'at'> : never;
export type Listener = (frame: ServerFrame) => void;

interface Writing {
  message: string;
  text: string;
}

const EPOCH = '0000c0de';
const NOWHERE = `${EPOCH}:0:0000000000000000`;
/** Events that a snapshot holds. */
const TAIL = 100;

function labelIn(part: Part | undefined, action: string): string | undefined {
  if (part?.type === 'form') return part.id === action ? part.submit : undefined;
  const actions = part?.type === 'actions' || part?.type === 'card' ? part.actions : [];
  return actions?.find(({ id }) => id === action)?.label;
}

export class Log {
  readonly conversation: Conversation;
  readonly listeners = new Map<Listener, string>();
  readonly #events: Event[] = [];
  #writing: Writing | undefined;

  constructor(id: string, title: string | undefined, people: Participant[], at = Date.now()) {
    this.conversation = {
      id,
      title: title ?? null,
      agent: 'guide',
      policy: 'enqueue',
      participants: people,
      created_at: at,
      updated_at: at,
      head: 0,
      first: 1,
    };
    const by = people[0]?.id ?? 'user:nobody';
    this.append(
      { type: 'conversation.created', by, title: title ?? null, participants: people },
      at,
    );
  }

  get events(): readonly Event[] {
    return this.#events;
  }

  /** Writes an event and sends it to all; `isLost` leaves the sending out, as a fault does. */
  append(body: Body, at = Date.now(), isLost = false): Event {
    const seq = this.#events.length + 1;
    const event = { seq, eid: randomBytes(8).toString('hex'), at, ...body };
    this.#events.push(event);
    this.#keepInStep(event);
    if (!isLost) this.#tell({ type: 'event', ...this.#place(), event });
    return event;
  }

  /** Somebody presses what a message offers; a form reads as its values. */
  press({ id, seq, message = '', action, value }: NewAct, author: string): Event {
    const offering = this.#events[seq - 1];
    const parts = offering?.type === 'message.completed' ? offering.message.parts : [];
    const part = parts.findIndex((one) => labelIn(one, action) !== undefined);
    const label = labelIn(parts[part], action) ?? action;
    const act = { type: 'act' as const, seq, message: message ?? '', part, action, value, label };
    return this.append({ type: 'message.created', message: { id, author, parts: [act] } });
  }

  write(text: string): void {
    const writing = this.#writing;
    if (!writing) throw new Error('nothing is being written');
    const offset = Buffer.byteLength(writing.text);
    writing.text += text;
    const { message } = writing;
    this.#tell({ type: 'delta', ...this.#place(), message, part: 0, offset, text });
  }

  /** Answers a subscription: the rest where `after` is ours, else the state. */
  open(
    request: number,
    after: string | null | undefined,
    viewer: string,
    listener: Listener,
  ): void {
    this.listeners.set(listener, viewer);
    const { id: conversation } = this.conversation;
    const [epoch, seq, eid, message, , offset] = (after ?? '').split(':');
    const known = this.#events[Number(seq) - 1];
    if (!after || epoch !== EPOCH || known?.eid !== eid) {
      const type = after ? 'reset' : 'snapshot';
      listener({ type, request, ...this.#place(), state: this.#state() });
    } else {
      listener({ type: 'resumed', request, conversation, position: after, here: [] });
      for (const event of this.#events.slice(Number(seq))) {
        listener({ type: 'event', conversation, position: this.#positionOf(event), event });
      }
      this.#goOn(message, Number(offset ?? 0), listener);
    }
    this.signal(viewer, { signal: 'presence', here: true });
  }

  close(listener: Listener): void {
    const viewer = this.listeners.get(listener);
    this.listeners.delete(listener);
    if (viewer) this.signal(viewer, { signal: 'presence', here: false });
  }

  signal(
    participant: string,
    signal:
      | { signal: 'typing' }
      | { signal: 'presence'; here: boolean }
      | { signal: 'read'; seq: number },
  ): void {
    const { id: conversation } = this.conversation;
    this.#tell({ type: 'signal', conversation, participant, ...signal });
  }

  #goOn(message: string | undefined, seen: number, listener: Listener): void {
    const writing = this.#writing;
    if (!writing) return;
    const offset = writing.message === message ? seen : 0;
    const text = Buffer.from(writing.text).subarray(offset).toString();
    const delta = { type: 'delta', ...this.#place(), message: writing.message, part: 0 } as const;
    if (text !== '') listener({ ...delta, offset, text });
  }

  #state(): State {
    const streaming = this.#writing;
    return {
      conversation: this.conversation,
      events: this.#events.slice(-TAIL),
      ...(streaming && { streaming: { ...streaming, part: 0 } }),
      here: [...new Set(this.listeners.values())],
    };
  }

  #keepInStep(event: Event): void {
    const { conversation } = this;
    conversation.head = event.seq;
    conversation.updated_at = event.at;
    if (event.type === 'conversation.renamed') conversation.title = event.title;
    if (event.type === 'participant.joined') conversation.participants.push(event.participant);
    if (event.type === 'participant.left') {
      const stay = conversation.participants.filter(({ id }) => id !== event.participant);
      conversation.participants = stay;
    }
    if (event.type === 'message.started') this.#writing = { message: event.message, text: '' };
    if (event.type === 'message.completed' || event.type === 'message.retracted') {
      this.#writing = undefined;
    }
  }

  #place() {
    const last = this.#events.at(-1);
    const writing = this.#writing;
    const position = last ? this.#positionOf(last) : NOWHERE;
    const text = writing ? `:${writing.message}:0:${Buffer.byteLength(writing.text)}` : '';
    return { conversation: this.conversation.id, position: position + text };
  }

  #positionOf({ seq, eid }: Event): string {
    return `${EPOCH}:${seq}:${eid}`;
  }

  #tell(frame: ServerFrame): void {
    // As on the wire: nobody shares objects with the log.
    for (const listener of this.listeners.keys()) listener(structuredClone(frame));
  }
}
