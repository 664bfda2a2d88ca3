/**
 * What the agent `flow` notes, typed: what each message was taken for, and what its flows did about
 * it. A note is another program's JSON, so what is not as expected here is passed over.
 */
import type { Noted } from './fold/noted.ts';

/** What a message was taken for. */
export interface Understood {
  /** The message, by its id. */
  readonly message: string | undefined;
  readonly who: string | undefined;
  readonly language: string | undefined;
  /** The likeliest first. */
  readonly intents: readonly RankedIntent[];
  /** `torn`: between the first few; `lost`: it was none of them. */
  readonly decision: 'sure' | 'torn' | 'lost';
  /** In the order in which they were said. */
  readonly entities: readonly FoundEntity[];
  /** Where several parts of it surely mean something else each: these, in their order. */
  readonly clauses: readonly Clause[];
}

/** A part of a message that means something by itself. */
export interface Clause extends RankedIntent {
  /** Where it begins and ends in the text, in bytes of UTF-8. */
  readonly start: number;
  readonly end: number;
}

export interface RankedIntent {
  readonly intent: string;
  /** From 0 to 1. */
  readonly confidence: number;
  /** How well the words fit it, whatever the other intents; below its limit nobody is sure. */
  readonly score: number | undefined;
}

export interface FoundEntity {
  readonly name: string;
  /** A word, a number, or an object that says more. */
  readonly value: unknown;
  /** Its role or group. */
  readonly role: string | undefined;
}

/** What happened in a turn, one after the other. */
export type Fact =
  | { readonly type: 'flow.started'; readonly flow: string; readonly why: Why }
  | {
      readonly type: 'flow.stepped';
      readonly flow: string;
      readonly step: string;
      readonly why: Why;
    }
  | { readonly type: 'flow.ended'; readonly flow: string; readonly outcome: string }
  /** `value` is undefined where it was emptied. */
  | {
      readonly type: 'slot.set';
      readonly slot: string;
      readonly value: unknown;
      readonly from: string;
      /** Whether it is the conversation's, and not the flow's. */
      readonly shared: boolean;
    }
  /** Of a type that says nothing more here; `what` is its own word for it, where it has one. */
  | { readonly type: 'other'; readonly of: string; readonly what: string | undefined };

/** Why a flow began, or came to a step: a kind, and for some what it was. */
export interface Why {
  readonly kind: string;
  readonly what: string | undefined;
}

/** Notes of before there were both have the confidence as their `score`. */
function readRanked({ intent, confidence, score }: Json): RankedIntent[] {
  if (typeof intent !== 'string' || typeof score !== 'number') return [];
  return typeof confidence === 'number'
    ? [{ intent, confidence, score }]
    : [{ intent, confidence: score, score: undefined }];
}

/** Of a note named `understood`. */
export function readUnderstood({ name, value }: Noted): Understood | undefined {
  if (name !== 'understood' || !isObject(value)) return undefined;
  const { who, language, decision } = value;
  return {
    message: textOr(value.message),
    who: textOr(who),
    language: textOr(language),
    decision: decision === 'sure' || decision === 'torn' ? decision : 'lost',
    intents: listOf(value.intents).flatMap(readRanked),
    entities: listOf(value.entities).flatMap((entity) =>
      typeof entity.name === 'string'
        ? [{ name: entity.name, value: entity.value, role: textOr(entity.role) }]
        : [],
    ),
    clauses: listOf(value.clauses).flatMap((clause) => {
      const { start, end } = clause;
      if (typeof start !== 'number' || typeof end !== 'number') return [];
      return readRanked(clause).map((ranked) => ({ ...ranked, start, end }));
    }),
  };
}

/** Of a note named `flow`; undefined of any other. */
export function readFacts({ name, value }: Noted): readonly Fact[] | undefined {
  return name === 'flow' && Array.isArray(value) ? listOf(value).flatMap(factIn) : undefined;
}

/** Facts that order the log, and that nobody reads. */
const SILENT = new Set([
  'turn.started',
  'turn.ended',
  'checkpoint',
  'slot.restored',
  'silence.watched',
  'wait.over',
]);

function factIn(fact: Json): Fact[] {
  const { type, flow, step, slot } = fact;
  if (typeof type !== 'string' || SILENT.has(type)) return [];
  if (typeof flow === 'string') {
    const why = whyIn(fact.why);
    if (type === 'flow.started') return [{ type, flow, why }];
    if (type === 'flow.stepped') return [{ type, flow, step: textOr(step) ?? '?', why }];
    if (type === 'flow.ended') return [{ type, flow, outcome: textOr(fact.outcome) ?? '?' }];
  }
  if (type === 'slot.set' && typeof slot === 'string') {
    const from = textOr(fact.from) ?? '?';
    const shared = fact.shared === true;
    return [{ type, slot, value: plainValue(fact.value), from, shared }];
  }
  return [{ type: 'other', of: kindOf(type, fact), what: whatOf(fact) }];
}

/** An answer that none was is another kind of fact: `call.failed`, `model.failed`. */
function kindOf(type: string, { good, text }: Json): string {
  if (type === 'call.answered' && good === false) return 'call.failed';
  return type === 'model.answered' && typeof text !== 'string' ? 'model.failed' : type;
}

/** A reason is written as its kind, or as an object with the kind for its only key. */
function whyIn(why: unknown): Why {
  if (typeof why === 'string') return { kind: why, what: undefined };
  const [entry] = isObject(why) ? Object.entries(why) : [];
  return entry ? { kind: entry[0], what: textOr(entry[1]) } : { kind: '?', what: undefined };
}

/** A slot's value without its type: `{"text": "blue"}` is blue. */
export function plainValue(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  const entries = isObject(value) ? Object.entries(value) : [];
  return entries.length === 1 ? entries[0]?.[1] : value;
}

/** What a fact is about, in its own word. */
function whatOf(fact: Json): string | undefined {
  const { about } = fact;
  if (isObject(about)) {
    const { slot, confirm } = about;
    return textOr(slot) ?? (isObject(confirm) ? textOr(confirm.slot) : undefined);
  }
  const several = wordsIn(fact.intents) ?? wordsIn(fact.slots);
  const event = textOr(fact.event);
  if (several !== undefined) return event === undefined ? several : `${event}: ${several}`;
  if (typeof fact.status === 'number') return String(fact.status);
  const { slot, intent, language, to, flow } = fact;
  const reason = textOr(fact.reason);
  if (typeof to === 'string' && reason !== undefined) return `${to}: ${reason}`;
  return event ?? [slot, intent, language, to, flow].map(textOr).find((word) => word !== undefined);
}

function wordsIn(list: unknown): string | undefined {
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string').join(', ') : undefined;
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function textOr(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
