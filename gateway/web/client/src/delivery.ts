/** Carries the outbox to the server: one message at a time in each conversation, until accepted. */
import type { Outbox } from './outbox.ts';
import type { ProblemError } from './problem.ts';
import type { ClientFrame } from './types.ts';
import { backoff } from './wire/backoff.ts';
import type { Waiter } from './wire/requests.ts';

/** Sends a request if there is a connection; says whether it did. */
export type Ask = (frame: (request: number) => ClientFrame, waiter: Waiter) => boolean;

const RETRY = { base: 1000, cap: 30_000 };

export class Delivery {
  readonly #outbox: Outbox;
  readonly #ask: Ask;
  readonly #retries = new Map<string, ReturnType<typeof setTimeout>>();
  /** Failures in a row, by conversation. */
  readonly #failures = new Map<string, number>();

  constructor(outbox: Outbox, ask: Ask) {
    this.#outbox = outbox;
    this.#ask = ask;
  }

  /** The connection is there: send what waits. */
  pumpAll(): void {
    this.stop();
    for (const conversation of this.#outbox.conversations()) this.pump(conversation);
  }

  pump(conversation: string): void {
    const entry = this.#outbox.next(conversation);
    if (!entry || this.#retries.has(conversation)) return;
    const { message, traceparent } = entry;
    const frame = { type: 'send', conversation, message, traceparent } as const;
    const asked = this.#ask((request) => ({ ...frame, request }), {
      answered: (answer) => {
        this.#failures.delete(conversation);
        const seq = answer.type === 'accepted' ? answer.seq : undefined;
        this.#outbox.accepted(message.id, seq ?? undefined);
        this.pump(conversation);
      },
      failed: (problem) => {
        this.#failed(conversation, message.id, problem);
      },
    });
    if (asked) this.#outbox.sending(message.id);
  }

  stop(): void {
    for (const timer of this.#retries.values()) clearTimeout(timer);
    this.#retries.clear();
  }

  #failed(conversation: string, id: string, problem: ProblemError): void {
    if (problem.retryable && problem.code !== 'busy') {
      this.#outbox.again(id);
      this.#retryLater(conversation);
      return;
    }
    this.#outbox.refused(id, problem);
    this.pump(conversation);
  }

  #retryLater(conversation: string): void {
    const failures = this.#failures.get(conversation) ?? 0;
    this.#failures.set(conversation, failures + 1);
    const timer = setTimeout(
      () => {
        this.#retries.delete(conversation);
        this.pump(conversation);
      },
      backoff(failures, RETRY),
    );
    this.#retries.set(conversation, timer);
  }
}
