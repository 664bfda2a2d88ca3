/** A timeline under change. What it shares with the one before is copied when first written to. */
import { isUnderWay } from './view.ts';
import type { Item, MessageItem, Run, Timeline } from './view.ts';

export class Draft {
  #items: readonly Item[];
  #runs: ReadonlyMap<string, Run>;
  #retracted: ReadonlySet<string>;
  #names: ReadonlyMap<string, string>;
  #active: Run | undefined;
  /** Ours alone, once written to. */
  #ownItems: Item[] | undefined;
  #ownRuns: Map<string, Run> | undefined;
  #ownNames: Map<string, string> | undefined;
  /** Where each item stands: made when a second one is looked for. */
  #places: Map<string, number> | undefined;
  #lookups = 0;

  constructor({ items, runs, retracted, names, active }: Timeline) {
    this.#items = items;
    this.#runs = runs;
    this.#retracted = retracted;
    this.#names = names;
    this.#active = active;
  }

  /** As it is now; the draft is over with it. */
  done(): Timeline {
    return {
      items: this.#items,
      runs: this.#runs,
      active: this.#active,
      retracted: this.#retracted,
      names: this.#names,
    };
  }

  message(id: string): MessageItem | undefined {
    const item = this.#items[this.#placeOf(id)];
    return item?.kind === 'message' ? item : undefined;
  }

  /** All of them, oldest first. */
  messages(): MessageItem[] {
    return this.#items.filter((item) => item.kind === 'message');
  }

  /** The message that the event `seq` began. */
  messageAt(seq: number): MessageItem | undefined {
    const item = this.#items.findLast((one) => one.seq <= seq);
    return item?.kind === 'message' && item.seq === seq ? item : undefined;
  }

  /** The last message that `run` has said. */
  lastOf(run: string): MessageItem | undefined {
    const item = this.#items.findLast((one) => one.kind === 'message' && one.run === run);
    return item?.kind === 'message' ? item : undefined;
  }

  run(id: string): Run | undefined {
    return this.#runs.get(id);
  }

  /** Adds `item`, or puts it in the place of the one with its id. */
  put(item: Item): void {
    const place = this.#placeOf(item.id);
    this.#items = this.#ownItems ??= [...this.#items];
    if (place >= 0) {
      this.#ownItems[place] = item;
      return;
    }
    this.#places?.set(item.id, this.#ownItems.length);
    this.#ownItems.push(item);
  }

  retract(message: string): void {
    this.#retracted = new Set(this.#retracted).add(message);
    this.#items = this.#ownItems = this.#items.filter((item) => item.id !== message);
    this.#places = undefined;
  }

  setRun(id: string, change: Partial<Run>): void {
    const run = { ...(this.#runs.get(id) ?? begun(id)), ...change };
    this.#runs = this.#ownRuns ??= new Map(this.#runs);
    this.#ownRuns.set(id, run);
    if (isUnderWay(run)) this.#active = run;
    else if (this.#active?.id === id) this.#active = undefined;
  }

  name(people: readonly { readonly id: string; readonly name: string }[]): void {
    this.#names = this.#ownNames ??= new Map(this.#names);
    for (const { id, name } of people) this.#ownNames.set(id, name);
  }

  #placeOf(id: string): number {
    this.#lookups += 1;
    if (this.#lookups < 3) return this.#items.findLastIndex((item) => item.id === id);
    this.#places ??= new Map(this.#items.map((item, place) => [item.id, place]));
    return this.#places.get(id) ?? -1;
  }
}

function begun(id: string): Run {
  return {
    id,
    agent: undefined,
    attempt: 1,
    inputs: [],
    notes: [],
    status: 'running',
    spoke: false,
    error: undefined,
    retryAt: undefined,
    usage: undefined,
  };
}
