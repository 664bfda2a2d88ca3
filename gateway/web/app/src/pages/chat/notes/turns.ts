/** Notes in the order of their telling: what was said, what it was taken for, what followed from it. */
import { readFacts, readUnderstood } from '@convene/client';
import type { Fact, Noted, Understood } from '@convene/client';

/** What one thing that somebody said or pressed led to. */
export interface Turn {
  /** Absent where nothing was said: a button was pressed, or a time was over. */
  readonly understood: Understood | undefined;
  readonly facts: readonly Fact[];
  /** All of it as it stands in the log. */
  readonly raw: readonly unknown[];
}

/** The turns of the last attempt: what those before it noted counts for nothing. */
export function turnsOf(notes: readonly Noted[]): Turn[] {
  const last = Math.max(...notes.map(({ attempt }) => attempt));
  const turns: Turn[] = [];
  for (const note of notes) {
    if (note.attempt !== last) continue;
    const understood = readUnderstood(note);
    const facts = readFacts(note) ?? [];
    const raw = { [note.name]: note.value };
    const open = turns.at(-1);
    if (!open || understood || beginsTurn(note, open)) {
      turns.push({ understood, facts, raw: [raw] });
    } else {
      turns[turns.length - 1] = {
        understood: open.understood,
        facts: [...open.facts, ...facts],
        raw: [...open.raw, raw],
      };
    }
  }
  return turns;
}

/** One that begins where nothing was said is told by its facts alone. */
function beginsTurn({ value }: Noted, open: Turn): boolean {
  const [first] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  const isStart =
    typeof first === 'object' && first !== null && 'type' in first && first.type === 'turn.started';
  return isStart && (open.understood === undefined || open.facts.length > 0);
}

/** Steps as a path: what follows what, as deep as flows that were called from others. */
export interface PathStep {
  readonly depth: number;
  readonly fact: Exclude<Fact, { type: 'slot.set' }>;
}

export function pathOf(facts: readonly Fact[]): PathStep[] {
  const path: PathStep[] = [];
  let depth = 0;
  for (const fact of facts) {
    if (fact.type === 'slot.set') continue;
    if (fact.type === 'flow.ended') {
      path.push({ depth: Math.max(depth - 1, 0), fact });
      depth = Math.max(depth - 1, 0);
      continue;
    }
    path.push({ depth, fact });
    if (fact.type === 'flow.started') depth += 1;
  }
  return path;
}

export type SlotChange = Extract<Fact, { type: 'slot.set' }>;

/** The slots that were changed, each by its last change, in the order of the first. */
export function slotsOf(facts: readonly Fact[]): SlotChange[] {
  const changes = new Map<string, SlotChange>();
  for (const fact of facts) if (fact.type === 'slot.set') changes.set(fact.slot, fact);
  return [...changes.values()];
}

/** A value of an entity or a slot in one line. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || value === null) return '';
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  const said = Object.entries(value).filter(([key]) => key !== 'type' && key !== 'grain');
  return said.map(([, part]) => valueText(part)).join(' ');
}
