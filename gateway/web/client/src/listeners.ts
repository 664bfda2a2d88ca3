/** Who wants to know of changes, told once however many there were. */

/** When to run it. */
export type Schedule = (run: () => void) => void;

export class Listeners {
  readonly #listeners = new Set<() => void>();
  readonly #schedule: Schedule;
  readonly #before: () => void;
  #isDue = false;

  /** `before`: what to do just before they are told. */
  constructor(schedule: Schedule, before: () => void) {
    this.#schedule = schedule;
    this.#before = before;
  }

  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  changed(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#schedule(() => {
      this.#isDue = false;
      this.#before();
      for (const listener of this.#listeners) tell(listener);
    });
  }
}

/** One that fails does not stop the others; its error is as loud as ever. */
function tell(listener: () => void): void {
  try {
    listener();
  } catch (problem) {
    queueMicrotask(() => {
      throw problem;
    });
  }
}
