/** Messages that were said and not yet accepted. They survive a reload. */
import { ProblemError, isProblemBody } from './problem.ts';
import type { SafeStorage } from './storage.ts';
import { freshTraceparent } from './trace.ts';
import type { NewMessage, ProblemBody } from './types.ts';

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

interface Stored extends Pick<Pending, 'conversation' | 'message' | 'at' | 'traceparent'> {
  /** Why it was refused: after a reload, too, it is said again only where a person asks for it. */
  readonly refusal?: ProblemBody;
}

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
      .map(restored);
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
    this.#entries = [...this.#entries, restored(stored)];
    this.#changed(conversation);
  }

  sending(id: string): void {
    this.#update(id, { state: 'sending', problem: undefined });
  }

  /** It was not sent, or not answered: it waits for the next try. */
  again(id: string): void {
    const entry = this.#update(id, { state: 'waiting', problem: undefined });
    if (entry?.state === 'refused') this.#storage.write(id, storedOf(entry));
  }

  accepted(id: string, seq: number | undefined): void {
    this.#storage.remove(id);
    this.#update(id, { state: 'accepted', seq });
  }

  refused(id: string, problem: ProblemError): void {
    const entry = this.#update(id, { state: 'refused', problem });
    const { code, message, retryable } = problem;
    if (entry) {
      this.#storage.write(id, { ...storedOf(entry), refusal: { code, message, retryable } });
    }
  }

  remove(id: string): void {
    const entry = this.#entries.find((other) => other.message.id === id);
    if (!entry) return;
    this.#storage.remove(id);
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#changed(entry.conversation);
  }

  /** Gives what it was before. */
  #update(id: string, change: Partial<Pending>): Pending | undefined {
    const index = this.#entries.findIndex((entry) => entry.message.id === id);
    const entry = this.#entries[index];
    if (!entry) return undefined;
    this.#entries = this.#entries.with(index, { ...entry, ...change });
    this.#changed(entry.conversation);
    return entry;
  }
}

function restored({ refusal, ...stored }: Stored): Pending {
  const problem = isProblemBody(refusal) ? new ProblemError(refusal) : undefined;
  return { ...stored, state: problem ? 'refused' : 'waiting', seq: undefined, problem };
}

function storedOf({ conversation, message, at, traceparent }: Pending): Stored {
  return { conversation, message, at, traceparent };
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
