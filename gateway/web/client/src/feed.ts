/** One conversation as it happens: its subscription, its view, and what to do about a hole. */
import { CompanyKeeper } from './company.ts';
import type { Company } from './company.ts';
import { takeDelta, takeEvent } from './fold/take.ts';
import type { Taken } from './fold/take.ts';
import { viewOf, withKnown, withOlder } from './fold/window.ts';
import type { View } from './fold/view.ts';
import type { Memory } from './memory.ts';
import { ProblemError } from './problem.ts';
import type { ClientFrame, Event, FrameOf, ServerFrame } from './types.ts';
import { backoff } from './wire/backoff.ts';
import type { Answer, Waiter } from './wire/requests.ts';

/** `catching-up`: not connected, or not yet told where we stand. `refused`: see the problem. */
export type Sync = 'catching-up' | 'live' | 'refused';

export interface FeedState {
  readonly sync: Sync;
  readonly view: View | undefined;
  readonly company: Company;
  readonly problem: ProblemError | undefined;
}

/** The way to the server, which may be closed for now. */
export interface Link {
  ask(frame: (request: number) => ClientFrame, waiter: Waiter): number | undefined;
  /** The feed's state is another one. */
  changed(): void;
}

const RETRY = { base: 500, cap: 15_000 };

export class Feed {
  readonly conversation: string;
  readonly #link: Link;
  readonly #memory: Memory;
  readonly #company: CompanyKeeper;
  #sync: Sync = 'catching-up';
  #view: View | undefined;
  #position: string | undefined;
  #problem: ProblemError | undefined;
  /** The subscription that waits for its answer: what comes before that belongs to an older one. */
  #asked: number | undefined;
  /** Subscriptions in a row that brought nothing new. */
  #fruitless = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #unsaved = false;

  constructor(conversation: string, link: Link, memory: Memory) {
    this.conversation = conversation;
    this.#link = link;
    this.#memory = memory;
    this.#company = new CompanyKeeper(() => {
      link.changed();
    });
    const remembered = memory.recall(conversation);
    this.#view = remembered?.view;
    this.#position = remembered?.position;
  }

  get state(): FeedState {
    return {
      sync: this.#sync,
      view: this.#view,
      company: this.#company.company,
      problem: this.#problem,
    };
  }

  /** Asks for all that follows our position. Does nothing without a connection. */
  subscribe(): void {
    clearTimeout(this.#retry);
    const { conversation } = this;
    const after = this.#position;
    const request = this.#link.ask(
      (number) =>
        after === undefined
          ? { type: 'subscribe', request: number, conversation }
          : { type: 'subscribe', request: number, conversation, after },
      {
        answered: (answer) => {
          if (request === this.#asked) this.#begin(answer);
        },
        failed: (problem) => {
          if (request === this.#asked) this.#failed(problem);
        },
      },
    );
    this.#asked = request;
    this.#set('catching-up');
  }

  /** The connection or the interest is gone. */
  pause(): void {
    clearTimeout(this.#retry);
    this.#asked = undefined;
    this.#company.lost();
    if (this.#sync !== 'refused') this.#set('catching-up');
  }

  take(frame: ServerFrame): void {
    if (this.#sync !== 'live' || !this.#view) return;
    switch (frame.type) {
      case 'event':
        this.#takeEvent(this.#view, frame);
        break;
      case 'delta':
        this.#taken(takeDelta(this.#view, frame), frame.position);
        break;
      case 'signal':
        this.#company.take(frame);
        break;
      case 'resumed':
      case 'snapshot':
      case 'reset':
        this.#begin(frame);
        break;
      case 'ended':
        this.#company.lost();
        this.#failed(new ProblemError(frame));
        break;
    }
  }

  /** Puts a page of history before `next`, the event that it was asked for. */
  prepend(older: readonly Event[], next: Event | undefined, first: number): void {
    if (!this.#view || this.#view.events[0]?.eid !== next?.eid) return;
    const grown = withOlder(this.#view, older);
    this.#view = { ...grown, conversation: { ...grown.conversation, first } };
    this.#changed();
  }

  /** Writes view and position down, if they changed since the last time. */
  save(): void {
    if (!this.#unsaved || !this.#view || this.#position === undefined) return;
    this.#unsaved = false;
    this.#memory.keep(this.conversation, { position: this.#position, view: this.#view });
  }

  #begin(answer: Answer): void {
    this.#asked = undefined;
    this.#problem = undefined;
    if (answer.type === 'accepted') return;
    if (answer.type === 'resumed') {
      this.#company.gather(answer.here);
    } else {
      const fresh = viewOf(answer.state);
      const known = answer.type === 'snapshot' ? this.#view?.events : undefined;
      this.#view = known ? withKnown(fresh, known) : fresh;
      this.#company.gather(answer.state.here);
    }
    this.#position = answer.position;
    this.#set('live');
    this.#changed();
  }

  #takeEvent(view: View, frame: FrameOf<'event'>): void {
    const author = authorOf(frame.event);
    if (author !== undefined) this.#company.spoke(author);
    this.#taken(takeEvent(view, frame.event), frame.position);
  }

  #taken(taken: Taken, position: string): void {
    if (taken === 'known') return;
    if (taken === 'hole') {
      this.#mend();
      return;
    }
    this.#fruitless = 0;
    this.#view = taken;
    this.#position = position;
    this.#changed();
  }

  /** Something is missing: ask again from our position, and if that does not help, for it all. */
  #mend(): void {
    this.#fruitless += 1;
    if (this.#fruitless > 1) this.#position = undefined;
    if (this.#fruitless > 2) this.#later();
    else this.subscribe();
  }

  #failed(problem: ProblemError): void {
    this.#asked = undefined;
    this.#fruitless += 1;
    if (problem.retryable) {
      this.#later();
      return;
    }
    if (problem.code === 'bad_request' && this.#position !== undefined) {
      this.#position = undefined;
      this.subscribe();
      return;
    }
    this.#problem = problem;
    this.#memory.forget(this.conversation);
    this.#set('refused');
  }

  #later(): void {
    clearTimeout(this.#retry);
    this.#set('catching-up');
    this.#retry = setTimeout(
      () => {
        this.subscribe();
      },
      backoff(this.#fruitless, RETRY),
    );
  }

  #changed(): void {
    this.#unsaved = true;
    this.#link.changed();
  }

  #set(sync: Sync): void {
    this.#sync = sync;
    this.#link.changed();
  }
}

function authorOf(event: Event): string | undefined {
  return event.type === 'message.created' ? event.message.author : undefined;
}
