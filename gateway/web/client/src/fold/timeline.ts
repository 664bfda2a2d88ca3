/** The fold itself: events on top of a timeline. It trusts its caller for the order. */
import type { Event, EventOf, Participant } from '../types.ts';
import { Draft } from './draft.ts';
import { notedIn } from './noted.ts';
import type { Noted } from './noted.ts';
import type { Item, MessageItem, NoticeEvent, Timeline } from './view.ts';

export const EMPTY: Timeline = {
  items: [],
  runs: new Map(),
  active: undefined,
  retracted: new Set(),
  names: new Map(),
};

/** The timeline after `events`, which follow it. */
export function advance(timeline: Timeline, events: readonly Event[]): Timeline {
  const draft = new Draft(timeline);
  for (const event of events) take(draft, event);
  return draft.done();
}

/** Adds `item`, or puts it in the place of the one with its id. */
export function withItem(timeline: Timeline, item: Item): Timeline {
  const draft = new Draft(timeline);
  draft.put(item);
  return draft.done();
}

export function withNames(timeline: Timeline, people: readonly Participant[]): Timeline {
  const draft = new Draft(timeline);
  draft.name(people);
  return draft.done();
}

export function findMessage(timeline: Timeline, id: string): MessageItem | undefined {
  return new Draft(timeline).message(id);
}

/** An event of a type that it does not know changes nothing. */
function take(draft: Draft, event: Event): void {
  switch (event.type) {
    case 'conversation.created':
      draft.name(event.participants);
      draft.put(notice(event));
      break;
    case 'conversation.renamed':
    case 'participant.left':
      draft.put(notice(event));
      break;
    case 'participant.joined':
      draft.name([event.participant]);
      draft.put(notice(event));
      break;
    case 'message.created':
      if (!isAnAgents(draft.message(event.message.id))) {
        draft.put(created(event));
        pressed(draft, event);
      }
      break;
    case 'message.started':
      started(draft, event);
      break;
    case 'message.completed':
      completed(draft, event);
      break;
    case 'message.retracted':
      draft.retract(event.message);
      draft.setRun(event.run, { status: 'retrying', spoke: false });
      break;
    case 'run.started':
      draft.setRun(event.run, {
        agent: event.agent,
        attempt: event.attempt,
        inputs: event.inputs,
        status: 'running',
        error: undefined,
        retryAt: undefined,
      });
      break;
    case 'agent.noted':
      noted(draft, notedIn(event));
      break;
    case 'timer.set':
    case 'timer.cleared':
    case 'timer.fired':
    case 'event.happened':
      draft.put({ kind: 'signal', id: `event-${event.seq}`, seq: event.seq, at: event.at, event });
      break;
    case 'run.retrying':
      draft.setRun(event.run, {
        status: 'retrying',
        error: event.error,
        retryAt: event.at + event.delay_ms,
      });
      break;
    case 'run.finished':
      finished(draft, event);
      break;
  }
}

function notice(event: NoticeEvent): Item {
  return { kind: 'notice', id: `event-${event.seq}`, seq: event.seq, at: event.at, event };
}

/** Nobody says over again what a run has said. */
function isAnAgents(item: MessageItem | undefined): boolean {
  return item !== undefined && (item.run !== undefined || item.status === 'streaming');
}

/** Those who look at what is offered see who has pressed it. */
function pressed(draft: Draft, { message, seq }: EventOf<'message.created'>): void {
  for (const act of message.parts) {
    if (act.type !== 'act') continue;
    const offering = draft.message(act.message);
    if (!offering) continue;
    const { part, action, value } = act;
    const press = { part, action, author: message.author, seq, value };
    draft.put({ ...offering, presses: [...offering.presses, press] });
  }
}

/** Beside what was said last of what its run answers; else beside the answer. */
function noted(draft: Draft, note: Noted | undefined): void {
  if (!note) return;
  const run = draft.run(note.run);
  const input = run?.inputs.at(-1);
  const asked = input === undefined ? undefined : draft.messageAt(input);
  const item = asked ?? draft.lastOf(note.run);
  if (item) draft.put({ ...item, notes: [...item.notes, note] });
  else if (run) draft.setRun(note.run, { notes: [...run.notes, note] });
}

function created({ message, seq, at }: EventOf<'message.created'>): MessageItem {
  return {
    kind: 'message',
    id: message.id,
    seq,
    at,
    author: message.author,
    parts: message.parts,
    whole: seq,
    presses: [],
    closed: [],
    notes: [],
    status: 'whole',
    bytes: [],
    run: undefined,
    attempt: 1,
  };
}

function started(draft: Draft, event: EventOf<'message.started'>): void {
  const notes = draft.run(event.run)?.notes ?? [];
  draft.setRun(event.run, { spoke: true, notes: [] });
  draft.put({
    kind: 'message',
    id: event.message,
    seq: event.seq,
    at: event.at,
    author: event.author,
    parts: [],
    whole: undefined,
    presses: [],
    closed: [],
    notes,
    status: 'streaming',
    bytes: [],
    run: event.run,
    attempt: draft.run(event.run)?.attempt ?? 1,
  });
}

function completed(draft: Draft, event: EventOf<'message.completed'>): void {
  const { message, run, whole, seq, at } = event;
  const begun = draft.message(message.id);
  draft.setRun(run, { spoke: true });
  draft.put({
    kind: 'message',
    id: message.id,
    seq: begun?.seq ?? seq,
    at: begun?.at ?? at,
    author: message.author,
    parts: message.parts,
    whole: seq,
    presses: begun?.presses ?? [],
    closed: begun?.closed ?? [],
    notes: begun?.notes ?? [],
    status: whole ? 'whole' : 'stopped',
    bytes: [],
    run,
    attempt: begun?.attempt ?? draft.run(run)?.attempt ?? 1,
  });
}

/** What the agent of the run has offered under these names, wherever that was. */
function close(draft: Draft, { run, closes }: EventOf<'run.finished'>): void {
  if (!closes || closes.length === 0) return;
  const agent = draft.run(run)?.agent;
  const author = agent === undefined ? undefined : `agent:${agent}`;
  for (const item of draft.messages()) {
    if (author !== undefined && item.author !== author) continue;
    const named = item.parts.flatMap((part, place) => {
      const name = 'offer' in part ? part.offer : undefined;
      return name && closes.includes(name) ? [place] : [];
    });
    if (named.length > 0) draft.put({ ...item, closed: [...new Set([...item.closed, ...named])] });
  }
}

function finished(draft: Draft, event: EventOf<'run.finished'>): void {
  close(draft, event);
  draft.setRun(event.run, {
    status: event.outcome,
    error: event.outcome === 'failed' ? event.error : undefined,
    retryAt: undefined,
    usage: event.usage ?? undefined,
  });
  const spoke = draft.run(event.run)?.spoke ?? false;
  const silentStop = event.outcome === 'cancelled' && !spoke;
  if (event.outcome === 'failed' || silentStop) draft.put(notice(event));
}
