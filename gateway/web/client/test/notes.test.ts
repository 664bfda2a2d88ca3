/** What agents note: where it stands in a view, and what is read in it. */
import { describe, expect, it } from 'vitest';
import { readFacts, readUnderstood } from '../src/flow.ts';
import type { Noted } from '../src/fold/noted.ts';
import { EMPTY, advance } from '../src/fold/timeline.ts';
import { recordOf, viewOf, viewOfRecord, withOlder } from '../src/fold/window.ts';
import type { Event } from '../src/types.ts';
import * as make from './builders.ts';

const noted = (seq: number, value?: unknown, name = 'understood') =>
  make.event(seq, {
    type: 'agent.noted',
    agent: 'guide',
    run: 'r1',
    attempt: 1,
    note: { name, value },
  });

const UNDERSTOOD = {
  text: '',
  who: 'user:ada',
  language: 'de',
  decision: 'torn',
  intents: [
    { intent: 'track_order', confidence: 0.6, score: 0.2 },
    { intent: 'return_item', confidence: 0.3, score: -0.4 },
  ],
  entities: [{ name: 'order_number', value: { type: 'text', text: 'AB1234' } }],
};

function notesOf(events: readonly Event[]): Record<string, number[]> {
  return notesIn(advance(EMPTY, events).items);
}

function notesIn(items: ReturnType<typeof advance>['items']): Record<string, number[]> {
  const messages = items.filter((item) => item.kind === 'message' && item.notes.length > 0);
  return Object.fromEntries(
    messages.map((item) => [item.id, item.kind === 'message' ? item.notes.map((n) => n.seq) : []]),
  );
}

const asked = [make.begun, make.said(2, 'm1', 'hi'), make.runStarted(3)];
const answered = [...asked, noted(4, 1), make.started(5), make.completed(6, 'yes'), noted(7, 2)];

describe('a note', () => {
  it('stands beside the message that its run answers, over a reload too', () => {
    expect(notesOf(answered)).toEqual({ m1: [4, 7] });
    const view = viewOf(make.state({ events: answered }));
    const again = viewOfRecord(recordOf(view, 100));
    expect(notesIn(again.timeline.items)).toEqual({ m1: [4, 7] });
  });

  it('stands beside the answer until the message that is answered is in sight', () => {
    const late = viewOf(make.state({ events: answered.slice(2) }));
    expect(notesIn(late.timeline.items)).toEqual({ a1: [4, 7] });
    const whole = withOlder(late, answered.slice(0, 2));
    expect(notesIn(whole.timeline.items)).toEqual({ m1: [4, 7] });
  });

  it('changes nothing where its value is kept from the reader', () => {
    expect(notesOf([...asked, noted(4), make.started(5)])).toEqual({});
    const bare = { type: 'agent.noted', seq: 4, eid: '4', at: 4 } as Event;
    expect(notesOf([...asked, bare])).toEqual({});
  });
});

describe('what the agent `flow` notes', () => {
  const note = (name: string, value: unknown): Noted => ({
    seq: 4,
    at: 4,
    agent: 'shop',
    run: 'r1',
    attempt: 1,
    name,
    value,
  });

  it('is read where a message was understood', () => {
    const { decision, intents, entities, language } =
      readUnderstood(note('understood', UNDERSTOOD)) ?? {};
    expect({ decision, language }).toEqual({ decision: 'torn', language: 'de' });
    expect(intents).toEqual(UNDERSTOOD.intents);
    const older = { ...UNDERSTOOD, intents: [{ intent: 'track_order', score: 0.6 }] };
    const read = readUnderstood(note('understood', older))?.intents;
    expect(read).toEqual([{ intent: 'track_order', confidence: 0.6, score: undefined }]);
    expect(entities?.map(({ name }) => name)).toEqual(['order_number']);
    expect(readUnderstood(note('flow', UNDERSTOOD))).toBeUndefined();
  });

  it('is read as facts: flows, steps and why, slots', () => {
    const facts = readFacts(
      note('flow', [
        { type: 'turn.started', turn: 1, input: 'x', at: '2026-11-26T00:00:00' },
        { type: 'flow.started', flow: 'track', version: 'v', why: { intent: 'track_order' } },
        { type: 'flow.stepped', flow: 'track', version: 'v', step: 'which', why: 'first' },
        { type: 'slot.set', slot: 'number', shared: true, value: { text: 'AB1' }, from: 'entity' },
        { type: 'slot.set', slot: 'number', value: null, from: 'set' },
        { type: 'question.asked', question: 1, about: { slot: 'number' }, tries: 1 },
        { type: 'flow.ended', flow: 'track', outcome: 'completed' },
        { type: 'call.begun', key: '3/1/00c0ffee' },
        { type: 'call.answered', good: true, status: 200 },
        { type: 'call.answered', good: false },
        { type: 'model.answered', text: null },
        { type: 'event.misfitted', event: 'paid', slots: ['amount', 'day'] },
        { type: 'slot.outdated', slot: 'size', frame: 0, value: { text: 'big' } },
        { type: 'language.unspoken', language: 'nl', who: 'user:ada' },
        { type: 'a.newer.one', slot: 'size', more: { than: ['is', 'known'] } },
        { type: 'handed.off', to: 'complaints', reason: 'The saddle was missing.' },
        { type: 'handed.off', to: 'support' },
        { type: 'event.kept', frame: 0, event: 'paid' },
        'nonsense',
      ]),
    );
    expect(facts).toEqual([
      { type: 'flow.started', flow: 'track', why: { kind: 'intent', what: 'track_order' } },
      { type: 'flow.stepped', flow: 'track', step: 'which', why: { kind: 'first' } },
      { type: 'slot.set', slot: 'number', value: 'AB1', from: 'entity', shared: true },
      { type: 'slot.set', slot: 'number', from: 'set', shared: false },
      { type: 'other', of: 'question.asked', what: 'number' },
      { type: 'flow.ended', flow: 'track', outcome: 'completed' },
      { type: 'other', of: 'call.begun' },
      { type: 'other', of: 'call.answered', what: '200' },
      { type: 'other', of: 'call.failed' },
      { type: 'other', of: 'model.failed' },
      { type: 'other', of: 'event.misfitted', what: 'paid: amount, day' },
      { type: 'other', of: 'slot.outdated', what: 'size' },
      { type: 'other', of: 'language.unspoken', what: 'nl' },
      { type: 'other', of: 'a.newer.one', what: 'size' },
      { type: 'other', of: 'handed.off', what: 'complaints: The saddle was missing.' },
      { type: 'other', of: 'handed.off', what: 'support' },
      { type: 'other', of: 'event.kept', what: 'paid' },
    ]);
  });

  it('is nothing where it is anything else', () => {
    for (const value of [null, 7, 'text', [], {}]) {
      expect(() => readFacts(note('flow', value))).not.toThrow();
      expect(() => readUnderstood(note('understood', value))).not.toThrow();
    }
    expect(readUnderstood(note('understood', {}))).toMatchObject({ decision: 'lost', intents: [] });
  });
});
