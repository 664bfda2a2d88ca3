/** Short ways to write events and states in tests. */
import type { Conversation, Event, State } from '../src/types.ts';

export type Body = Event extends infer E
  ? E extends Event
    ? Omit<E, 'seq' | 'eid' | 'at'>
    : never
  : never;

export const ADA = { id: 'user:ada', name: 'Ada', role: 'owner' } as const;
export const GUIDE = { id: 'agent:guide', name: 'Guide', role: 'agent' } as const;

export function event(seq: number, body: Body): Event {
  return { seq, eid: seq.toString(16).padStart(16, '0'), at: 1000 * seq, ...body };
}

export function conversation(change: Partial<Conversation> = {}): Conversation {
  return {
    id: 'c1',
    agent: 'guide',
    policy: 'enqueue',
    participants: [ADA, GUIDE],
    created_at: 0,
    updated_at: 0,
    head: 1,
    first: 1,
    ...change,
  };
}

export const begun = event(1, {
  type: 'conversation.created',
  by: ADA.id,
  participants: [ADA, GUIDE],
});

export function state(change: Partial<State> = {}): State {
  return { conversation: conversation(), events: [begun], here: [ADA.id], ...change };
}

export function position(seq: number): string {
  return `00000001:${seq}:${seq.toString(16).padStart(16, '0')}`;
}

export const said = (seq: number, id: string, text: string, author: string = ADA.id) =>
  event(seq, { type: 'message.created', message: { id, author, parts: [{ type: 'text', text }] } });

export const runStarted = (seq: number, attempt = 1) =>
  event(seq, { type: 'run.started', run: 'r1', agent: 'guide', attempt, inputs: [2] });

export const started = (seq: number, message = 'a1') =>
  event(seq, { type: 'message.started', message, author: GUIDE.id, run: 'r1' });

export const retracted = (seq: number, message = 'a1') =>
  event(seq, { type: 'message.retracted', message, run: 'r1' });

export const completed = (seq: number, text: string, message = 'a1', whole = true) =>
  event(seq, {
    type: 'message.completed',
    message: { id: message, author: GUIDE.id, parts: [{ type: 'text', text }] },
    run: 'r1',
    whole,
  });

export const finished = (seq: number) =>
  event(seq, { type: 'run.finished', run: 'r1', outcome: 'completed' });

export const failed = (seq: number) =>
  event(seq, {
    type: 'run.finished',
    run: 'r1',
    outcome: 'failed',
    error: { code: 'model_unavailable', message: 'The model gave no answer.' },
  });
