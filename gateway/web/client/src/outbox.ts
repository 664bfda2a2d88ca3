/** Messages that were said and not yet accepted. They survive a reload. */
import type { ProblemError } from './problem.ts';
import type { SafeStorage } from './storage.ts';
import { freshTraceparent } from './trace.ts';
import type { NewMessage } from './types.ts';

export interface Pending {
  readonly conversation: string;
  readonly message: NewMessage;
  /** When it was said; milliseconds since 1970. */
  readonly at: number;
  /** The trace of its way, the same for each try. */
  readonly traceparent: string;
  /** `accepted`: durable, and about to appear in the log. `refused`: a person must decide. */
  readonly state: 'waiting' | 'sending' | 'accepted' | 'refused';
  /** Where the log took it, once accepted. */
  readonly seq: number | undefined;
  readonly problem: ProblemError | undefined;
}

type Stored = Pick<Pending, 'conversation' | 'message' | 'at' | 'traceparent'>;

export class Outbox {
  readonly #storage: SafeStorage;
  readonly #changed: (conversation: string) => void;
  #entries: readonly Pending[] = [];

  constructor(storage: SafeStorage, changed: (conversation: string) => void) {
    this.#storage = storage;
    this.#changed = changed;
    this.#entries = storage
      .names()
      .map((name) => storage.read(name))
      .filter(isStored)
      .sort((a, b) => a.at - b.at)
      .map(waiting);
  }

  of(conversation: string): readonly Pending[] {
    return this.#entries.filter((entry) => entry.conversation === conversation);
  }

  get entries(): readonly Pending[] {
    return this.#entries;
  }

  conversations(): string[] {
    return [...new Set(this.#entries.map((entry) => entry.conversation))];
  }

  /** The one to send next, unless one is on its way: they arrive in the order they were said. */
  next(conversation: string): Pending | undefined {
    const entries = this.of(conversation);
    if (entries.some((entry) => entry.state === 'sending')) return undefined;
    return entries.find((entry) => entry.state === 'waiting');
  }

  add(conversation: string, message: NewMessage): void {
    const stored = { conversation, message, at: Date.now(), traceparent: freshTraceparent() };
    this.#storage.write(message.id, stored);
    this.#entries = [...this.#entries, waiting(stored)];
    this.#changed(conversation);
  }

  sending(id: string): void {
    this.#update(id, { state: 'sending', problem: undefined });
  }

  /** It was not sent, or not answered: it waits for the next try. */
  again(id: string): void {
    this.#update(id, { state: 'waiting', problem: undefined });
  }

  accepted(id: string, seq: number | undefined): void {
    this.#storage.remove(id);
    this.#update(id, { state: 'accepted', seq });
  }

  refused(id: string, problem: ProblemError): void {
    this.#update(id, { state: 'refused', problem });
  }

  remove(id: string): void {
    const entry = this.#entries.find((other) => other.message.id === id);
    if (!entry) return;
    this.#storage.remove(id);
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#changed(entry.conversation);
  }

  #update(id: string, change: Partial<Pending>): void {
    const index = this.#entries.findIndex((entry) => entry.message.id === id);
    const entry = this.#entries[index];
    if (!entry) return;
    this.#entries = this.#entries.with(index, { ...entry, ...change });
    this.#changed(entry.conversation);
  }
}

function waiting(stored: Stored): Pending {
  return { ...stored, state: 'waiting', seq: undefined, problem: undefined };
}

function isStored(value: unknown): value is Stored {
  return (
    typeof value === 'object' &&
    value !== null &&
    'conversation' in value &&
    typeof value.conversation === 'string' &&
    'at' in value &&
    typeof value.at === 'number' &&
    'traceparent' in value &&
    typeof value.traceparent === 'string' &&
    'message' in value &&
    typeof value.message === 'object'
  );
}
