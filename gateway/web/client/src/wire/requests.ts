/** Which answer belongs to which request. */
import { ProblemError, unreachable } from '../problem.ts';
import type { FrameOf, ServerFrame } from '../types.ts';

export type Answer = FrameOf<'accepted' | 'resumed' | 'snapshot' | 'reset'>;

export interface Waiter {
  /** Called while the frame is handled, so that nothing can come between. */
  answered(answer: Answer): void;
  failed(problem: ProblemError): void;
}

/** How long an answer may take, in milliseconds. */
const PATIENCE_MS = 15_000;

interface Entry extends Waiter {
  timer: ReturnType<typeof setTimeout>;
}

export class Requests {
  readonly #waiting = new Map<number, Entry>();
  #last = 0;

  /** A number for the next request. */
  next(): number {
    this.#last += 1;
    return this.#last;
  }

  expect(request: number, waiter: Waiter): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(request);
      waiter.failed(unreachable('The server did not answer in time.'));
    }, PATIENCE_MS);
    this.#waiting.set(request, { ...waiter, timer });
  }

  /** Hands an answer to whoever waits for it. False where the frame answers nothing. */
  settle(frame: ServerFrame): boolean {
    switch (frame.type) {
      case 'accepted':
      case 'resumed':
      case 'snapshot':
      case 'reset':
        if (typeof frame.request !== 'number') return false;
        this.#take(frame.request)?.answered(frame);
        return true;
      case 'error':
        if (typeof frame.request !== 'number') return false;
        this.#take(frame.request)?.failed(new ProblemError(frame));
        return true;
      default:
        return false;
    }
  }

  /** The connection is gone: nothing that waits will be answered. */
  abandon(): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const entry of waiting) {
      clearTimeout(entry.timer);
      entry.failed(unreachable('The connection was lost before the answer came.'));
    }
  }

  #take(request: number): Entry | undefined {
    const entry = this.#waiting.get(request);
    clearTimeout(entry?.timer);
    this.#waiting.delete(request);
    return entry;
  }
}
