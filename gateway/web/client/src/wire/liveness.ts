/** Notices a dead connection, which a socket itself may not for minutes. */

export interface LivenessHooks {
  ping(): void;
  dead(): void;
}

/** How long an answer to a probe may take, in milliseconds. */
const PROBE_MS = 4000;
/** A timer this late means that the page was suspended, and frames may wait unread. */
const SUSPENDED_MS = 2000;

export class Liveness {
  readonly #hooks: LivenessHooks;
  #heartbeat = 0;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;

  constructor(hooks: LivenessHooks) {
    this.#hooks = hooks;
  }

  /** `heartbeat`: silence longer than this means that the connection is dead, in milliseconds. */
  start(heartbeat: number): void {
    this.#heartbeat = heartbeat;
    this.heard();
  }

  stop(): void {
    clearTimeout(this.#quiet);
    clearTimeout(this.#deadline);
    this.#quiet = this.#deadline = undefined;
    this.#heartbeat = 0;
  }

  /** Something came from the server. */
  heard(): void {
    if (this.#heartbeat === 0) return;
    clearTimeout(this.#quiet);
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    this.#quiet = setTimeout(() => {
      this.probe(this.#heartbeat / 2);
    }, this.#heartbeat / 2);
  }

  /** Asks for a sign of life now; without one in time the connection is dead. */
  probe(patience = PROBE_MS): void {
    if (this.#heartbeat === 0 || this.#deadline !== undefined) return;
    this.#hooks.ping();
    const due = Date.now() + patience;
    this.#deadline = setTimeout(() => {
      this.#deadline = undefined;
      if (Date.now() - due > SUSPENDED_MS) this.probe();
      else this.#hooks.dead();
    }, patience);
  }
}
