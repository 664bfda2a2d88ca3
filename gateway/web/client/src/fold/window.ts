/** A view's stretch of the log: made from a state, grown backwards, put away and brought back. */
import type { Conversation, Event, State } from '../types.ts';
import { EMPTY, advance, findMessage, withItem, withNames } from './timeline.ts';
import { utf8Length } from './utf8.ts';
import type { MessageItem, Timeline, View } from './view.ts';

/** The view that a snapshot or a reset shows. */
export function viewOf(state: State): View {
  const { conversation, events, streaming } = state;
  const view = fromEvents(conversation, events);
  if (!streaming) return view;
  const begun =
    findMessage(view.timeline, streaming.message) ?? placeholder(conversation, streaming.message);
  const parts = Array.from({ length: streaming.part + 1 }, (_, part) => ({
    type: 'text' as const,
    text: part === streaming.part ? streaming.text : '',
  }));
  const bytes = parts.map((part) => utf8Length(part.text));
  return { ...view, timeline: withItem(view.timeline, { ...begun, parts, bytes }) };
}

/** The view with `older` events before its own; those that do not touch it are left out. */
export function withOlder(view: View, older: readonly Event[]): View {
  const first = view.events[0]?.seq ?? view.last + 1;
  const fitting = older.filter((event) => event.seq < first);
  const touches = fitting.every((event, index) => event.seq === first - fitting.length + index);
  if (fitting.length === 0 || !touches) return view;
  const grown = fromEvents(view.conversation, [...fitting, ...view.events], view.last);
  return { ...grown, timeline: withTexts(grown.timeline, textsUnderWay(view.timeline)) };
}

/**
 * The view with what was known of the same log before it. Where nothing shows that it is the same,
 * as the view's own first event does, what was known is left out.
 */
export function withKnown(view: View, known: readonly Event[]): View {
  const first = view.events[0];
  const isSame = known.some(({ seq, eid }) => seq === first?.seq && eid === first.eid);
  return isSame ? withOlder(view, known) : view;
}

/** The number of the oldest event that the view has. */
export function firstOf(view: View): number {
  return view.events[0]?.seq ?? view.last + 1;
}

/** Whether the log holds events before the view's. */
export function hasOlder(view: View): boolean {
  return firstOf(view) > view.conversation.first;
}

/** A view in a form for storage. */
export interface ViewRecord {
  conversation: Conversation;
  last: number;
  events: Event[];
  underWay: MessageItem[];
}

/** Its last `limit` events, and the texts under way. */
export function recordOf(view: View, limit: number): ViewRecord {
  return {
    conversation: view.conversation,
    last: view.last,
    events: view.events.slice(-limit),
    underWay: textsUnderWay(view.timeline),
  };
}

export function viewOfRecord(record: ViewRecord): View {
  const view = fromEvents(record.conversation, record.events, record.last);
  return { ...view, timeline: withTexts(view.timeline, record.underWay) };
}

function fromEvents(
  conversation: Conversation,
  events: readonly Event[],
  last = events.at(-1)?.seq ?? conversation.head,
): View {
  const timeline = advance(withNames(EMPTY, conversation.participants), events);
  return { conversation, events, last, timeline };
}

function textsUnderWay(timeline: Timeline): MessageItem[] {
  return timeline.items.filter(
    (item) => item.kind === 'message' && item.status === 'streaming',
  ) as MessageItem[];
}

function withTexts(timeline: Timeline, texts: readonly MessageItem[]): Timeline {
  return texts.reduce(
    (next, text) =>
      withItem(next, {
        ...(findMessage(next, text.id) ?? text),
        parts: text.parts,
        bytes: text.bytes,
      }),
    timeline,
  );
}

/** For a text whose `message.started` is older than the state's events. */
function placeholder(conversation: Conversation, id: string): MessageItem {
  return {
    kind: 'message',
    id,
    seq: conversation.head,
    at: conversation.updated_at,
    author: `agent:${conversation.agent ?? 'agent'}`,
    parts: [],
    whole: undefined,
    presses: [],
    closed: [],
    notes: [],
    status: 'streaming',
    bytes: [],
    run: undefined,
    attempt: 1,
  };
}
