/** The fold itself: one event on top of a timeline. It trusts its caller for the order. */
import type { Event, EventOf, Participant } from '../types.ts';
import { isUnderWay } from './view.ts';
import type { Item, MessageItem, NoticeEvent, Run, Timeline } from './view.ts';

export const EMPTY: Timeline = {
  items: [],
  runs: new Map(),
  active: undefined,
  closed: new Set(),
  names: new Map(),
};

/** The timeline after `event`. An event of a type that it does not know changes nothing. */
export function advance(timeline: Timeline, event: Event): Timeline {
  switch (event.type) {
    case 'conversation.created':
      return withNotice(withNames(timeline, event.participants), event);
    case 'conversation.renamed':
    case 'participant.left':
      return withNotice(timeline, event);
    case 'participant.joined':
      return withNotice(withNames(timeline, [event.participant]), event);
    case 'message.created':
      return withItem(timeline, created(event));
    case 'message.started':
      return started(timeline, event);
    case 'message.completed':
      return completed(timeline, event);
    case 'message.retracted':
      return retracted(timeline, event);
    case 'run.started':
      return withRun(timeline, event.run, {
        agent: event.agent,
        attempt: event.attempt,
        status: 'running',
        error: undefined,
        retryAt: undefined,
      });
    case 'run.retrying':
      return withRun(timeline, event.run, {
        status: 'retrying',
        error: event.error,
        retryAt: event.at + event.delay_ms,
      });
    case 'run.finished':
      return finished(timeline, event);
    default:
      return timeline;
  }
}

/** Adds `item`, or puts it in the place of the one with its id. */
export function withItem(timeline: Timeline, item: Item): Timeline {
  const { items } = timeline;
  const index = items.findLastIndex((other) => other.id === item.id);
  return { ...timeline, items: index < 0 ? [...items, item] : items.with(index, item) };
}

export function findMessage(timeline: Timeline, id: string): MessageItem | undefined {
  const item = timeline.items.findLast((other) => other.id === id);
  return item?.kind === 'message' ? item : undefined;
}

export function withNames(timeline: Timeline, people: readonly Participant[]): Timeline {
  const names = new Map(timeline.names);
  for (const person of people) names.set(person.id, person.name);
  return { ...timeline, names };
}

function withNotice(timeline: Timeline, event: NoticeEvent): Timeline {
  return withItem(timeline, {
    kind: 'notice',
    id: `event-${event.seq}`,
    seq: event.seq,
    at: event.at,
    event,
  });
}

function withRun(timeline: Timeline, id: string, change: Partial<Run>): Timeline {
  const known: Run = timeline.runs.get(id) ?? {
    id,
    agent: undefined,
    attempt: 1,
    status: 'running',
    spoke: false,
    error: undefined,
    retryAt: undefined,
    usage: undefined,
  };
  const run = { ...known, ...change };
  const runs = new Map(timeline.runs).set(id, run);
  const active = isUnderWay(run) ? run : timeline.active?.id === id ? undefined : timeline.active;
  return { ...timeline, runs, active };
}

function withClosed(timeline: Timeline, message: string): Timeline {
  return { ...timeline, closed: new Set(timeline.closed).add(message) };
}

function created({ message, seq, at }: EventOf<'message.created'>): MessageItem {
  return {
    kind: 'message',
    id: message.id,
    seq,
    at,
    author: message.author,
    parts: message.parts,
    status: 'whole',
    bytes: [],
    run: undefined,
    attempt: 1,
  };
}

function started(timeline: Timeline, event: EventOf<'message.started'>): Timeline {
  const next = withRun(timeline, event.run, { spoke: true });
  return withItem(next, {
    kind: 'message',
    id: event.message,
    seq: event.seq,
    at: event.at,
    author: event.author,
    parts: [],
    status: 'streaming',
    bytes: [],
    run: event.run,
    attempt: next.runs.get(event.run)?.attempt ?? 1,
  });
}

function completed(timeline: Timeline, event: EventOf<'message.completed'>): Timeline {
  const { message, run, whole, seq, at } = event;
  const begun = findMessage(timeline, message.id);
  const next = withRun(timeline, run, { spoke: true });
  return withItem(withClosed(next, message.id), {
    kind: 'message',
    id: message.id,
    seq: begun?.seq ?? seq,
    at: begun?.at ?? at,
    author: message.author,
    parts: message.parts,
    status: whole ? 'whole' : 'stopped',
    bytes: [],
    run,
    attempt: begun?.attempt ?? next.runs.get(run)?.attempt ?? 1,
  });
}

function retracted(timeline: Timeline, event: EventOf<'message.retracted'>): Timeline {
  const next = withRun(withClosed(timeline, event.message), event.run, {
    status: 'retrying',
    spoke: false,
  });
  return { ...next, items: next.items.filter((item) => item.id !== event.message) };
}

function finished(timeline: Timeline, event: EventOf<'run.finished'>): Timeline {
  const next = withRun(timeline, event.run, {
    status: event.outcome,
    error: event.outcome === 'failed' ? event.error : undefined,
    retryAt: undefined,
    usage: event.usage ?? undefined,
  });
  const spoke = next.runs.get(event.run)?.spoke ?? false;
  const silentStop = event.outcome === 'cancelled' && !spoke;
  return event.outcome === 'failed' || silentStop ? withNotice(next, event) : next;
}
