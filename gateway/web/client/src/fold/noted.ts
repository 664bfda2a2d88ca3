/** What agents have noted beside what they say. Only those whom the gateway lets look get the values. */
import type { EventOf } from '../types.ts';

/** A note with its value. */
export interface Noted {
  readonly seq: number;
  readonly at: number;
  readonly agent: string;
  readonly run: string;
  /** Which attempt at the run noted it: what one that was followed by another noted counts for nothing. */
  readonly attempt: number;
  /** What the agent calls notes of this kind. */
  readonly name: string;
  /** Any JSON: see `readUnderstood` and `readFacts` for what the agent `flow` notes. */
  readonly value: unknown;
}

/** The note in an event; undefined where its value is kept from the reader. */
export function notedIn(event: EventOf<'agent.noted'>): Noted | undefined {
  // Of a version that is newer than ours, the type may be all there is.
  const { note } = event as Partial<EventOf<'agent.noted'>>;
  if (note?.value === undefined || note.value === null) return undefined;
  const { seq, at, agent, run, attempt } = event;
  return { seq, at, agent, run, attempt, name: note.name, value: note.value };
}
