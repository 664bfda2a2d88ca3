/** Carries the outbox to the server: one message at a time in each conversation, until accepted. */
import type { Outbox } from './outbox.ts';
import type { ProblemError } from './problem.ts';
import type { ClientFrame } from './types.ts';
import { backoff } from './wire/backoff.ts';
import type { Waiter } from './wire/requests.ts';

/** Sends a message if there is a connection; says whether it did. */
export type Send = (frame: SendFrame, waiter: Waiter) => boolean;

export type SendFrame = Omit<Extract<ClientFrame, { type: 'send' }>, 'request'>;

const RETRY = { base: 1000, cap: 30_000 };

export class Delivery {
  readonly #outbox: Outbox;
  readonly #send: Send;
  readonly #retries = new Map<string, ReturnType<typeof setTimeout>>();
  /** Failures in a row, by conversation. */
  readonly #failures = new Map<string, number>();
  #isOn = false;

  constructor(outbox: Outbox, send: Send) {
    this.#outbox = outbox;
    this.#send = send;
  }

  /** The connection is there: send what waits. */
  pumpAll(): void {
    this.stop();
    this.#isOn = true;
    for (const conversation of this.#outbox.conversations()) this.pump(conversation);
  }

  pump(conversation: string): void {
    const entry = this.#outbox.next(conversation);
    if (!entry || this.#retries.has(conversation)) return;
    const { message, traceparent } = entry;
    const frame = { type: 'send', conversation, message, traceparent } as const;
    const isSent = this.#send(frame, {
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
    if (isSent) this.#outbox.sending(message.id);
  }

  /** The connection is gone: what waits goes on waiting, without a timer. */
  stop(): void {
    this.#isOn = false;
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
    if (!this.#isOn) return;
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
