/** What a conversation looks like: the shape that the fold makes of events and deltas. */
import type { Conversation, Event, EventOf, Failure, Part, Usage } from '../types.ts';
import type { Noted } from './noted.ts';

/** A conversation as far as this client has read it. Never mutated: each step makes a new one. */
export interface View {
  readonly conversation: Conversation;
  /** The events read so far: a stretch of the log without a hole. */
  readonly events: readonly Event[];
  /** The number of the last event taken in. */
  readonly last: number;
  readonly timeline: Timeline;
}

/** What the events and deltas add up to. */
export interface Timeline {
  /** Oldest first. */
  readonly items: readonly Item[];
  readonly runs: ReadonlyMap<string, Run>;
  /** The run under way, if any. */
  readonly active: Run | undefined;
  /** Messages that were taken back: what still comes of their text is of no use. */
  readonly retracted: ReadonlySet<string>;
  /** Everybody's name, also of those who have left. */
  readonly names: ReadonlyMap<string, string>;
}

export type Item = MessageItem | NoticeItem | SignalItem;

export interface MessageItem {
  readonly kind: 'message';
  readonly id: string;
  /** The event that began it. */
  readonly seq: number;
  readonly at: number;
  readonly author: string;
  readonly parts: readonly Part[];
  /** The event with all of it, once there is one: what it offers is pressed by this number. */
  readonly whole: number | undefined;
  /** What people have pressed of what it offers, in order. */
  readonly presses: readonly Press[];
  /** Its parts, by their places, whose offer its agent has closed: nobody need press it any more. */
  readonly closed: readonly number[];
  /** What agents have noted about it, in order; of what was not said on somebody's word, beside the answer. */
  readonly notes: readonly Noted[];
  /** `stopped`: cancelled in mid-text; what had been said is kept. */
  readonly status: 'whole' | 'streaming' | 'stopped';
  /** While streaming: bytes of UTF-8 in each part. */
  readonly bytes: readonly number[];
  readonly run: string | undefined;
  /** Which attempt of its run wrote it; 1 for messages of people. */
  readonly attempt: number;
}

/** That somebody pressed or submitted something. */
export interface Press {
  readonly part: number;
  readonly action: string;
  readonly author: string;
  readonly seq: number;
  /** What was answered: of a form, an object of its fields. */
  readonly value?: unknown;
}

/** Something that happened and is not a message. */
export interface NoticeItem {
  readonly kind: 'notice';
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  readonly event: NoticeEvent;
}

export type NoticeEvent = EventOf<
  | 'conversation.created'
  | 'conversation.renamed'
  | 'participant.joined'
  | 'participant.left'
  | 'run.finished'
>;

/** What woke an agent, or will: a timer of its own, or something outside. Nothing that anybody said. */
export interface SignalItem {
  readonly kind: 'signal';
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  readonly event: SignalEvent;
}

export type SignalEvent = EventOf<'timer.set' | 'timer.cleared' | 'timer.fired' | 'event.happened'>;

/** An agent's work on some input, over all its attempts. */
export interface Run {
  readonly id: string;
  readonly agent: string | undefined;
  readonly attempt: number;
  /** The events that it answers. */
  readonly inputs: readonly number[];
  /** What it has noted while no message that it belongs to was in sight. */
  readonly notes: readonly Noted[];
  /** `retrying`: the last attempt failed, and another follows. */
  readonly status: 'running' | 'retrying' | 'completed' | 'cancelled' | 'failed';
  /** Whether it has a message that stands. */
  readonly spoke: boolean;
  readonly error: Failure | undefined;
  /** When the next attempt begins, at the earliest; milliseconds since 1970. */
  readonly retryAt: number | undefined;
  readonly usage: Usage | undefined;
}

/**
 * The text of a message: its text parts, one after the other, and what somebody pressed by its
 * label. Parts of a type that is newer than this client say nothing.
 */
export function textOf(message: { readonly parts: readonly Part[] }): string {
  const texts = message.parts.map((part) =>
    part.type === 'text' ? part.text : part.type === 'act' ? part.label : undefined,
  );
  return texts.filter((text) => text !== undefined).join('\n');
}

export function isUnderWay(run: Run): boolean {
  return run.status === 'running' || run.status === 'retrying';
}
