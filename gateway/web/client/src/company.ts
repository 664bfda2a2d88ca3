/** What is true of a conversation's people for a moment: who is here, typing, has read how far. */
import type { FrameOf } from './types.ts';

export interface Company {
  readonly here: ReadonlySet<string>;
  readonly typing: ReadonlySet<string>;
  /** The last event each has read, as far as we heard. */
  readonly read: ReadonlyMap<string, number>;
}

export const NOBODY: Company = { here: new Set(), typing: new Set(), read: new Map() };

/** One who says no more counts as typing for so long, in milliseconds. */
const TYPING_MS = 6000;

export class CompanyKeeper {
  readonly #changed: () => void;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #company: Company = NOBODY;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get company(): Company {
    return this.#company;
  }

  take(frame: FrameOf<'signal'>): void {
    switch (frame.signal) {
      case 'typing':
        this.#typing(frame.participant);
        break;
      case 'presence':
        this.#presence(frame.participant, frame.here);
        break;
      case 'read':
        this.#read(frame.participant, frame.seq);
        break;
    }
  }

  /** A state came with the list of all who are here. */
  gather(here: readonly string[]): void {
    this.#set({ here: new Set(here) });
  }

  /** They said it: they are not typing it any more. */
  spoke(participant: string): void {
    clearTimeout(this.#timers.get(participant));
    this.#timers.delete(participant);
    if (!this.#company.typing.has(participant)) return;
    const typing = new Set(this.#company.typing);
    typing.delete(participant);
    this.#set({ typing });
  }

  /** The connection is gone, and with it the news of who types. */
  lost(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#set({ typing: new Set() });
  }

  #typing(participant: string): void {
    clearTimeout(this.#timers.get(participant));
    const timer = setTimeout(() => {
      this.spoke(participant);
    }, TYPING_MS);
    this.#timers.set(participant, timer);
    if (this.#company.typing.has(participant)) return;
    this.#set({ typing: new Set(this.#company.typing).add(participant) });
  }

  #presence(participant: string, isHere: boolean): void {
    const here = new Set(this.#company.here);
    if (isHere) here.add(participant);
    else here.delete(participant);
    this.#set({ here });
  }

  #read(participant: string, seq: number): void {
    const known = this.#company.read.get(participant) ?? 0;
    if (seq > known) this.#set({ read: new Map(this.#company.read).set(participant, seq) });
  }

  #set(change: Partial<Company>): void {
    this.#company = { ...this.#company, ...change };
    this.#changed();
  }
}
