/** Taking in what the server sends: each event once, in order; each byte once, in order. */
import type { Conversation, Event, FrameOf, Participant } from '../types.ts';
import { advance, findMessage, withItem } from './timeline.ts';
import { skipBytes, utf8Length } from './utf8.ts';
import type { View } from './view.ts';

/**
 * The view after it, or why there is none: `known` was taken in before, or no longer matters; a
 * `hole` means that something before it is missing, and only a new subscription can help.
 */
export type Taken = View | 'known' | 'hole';

export type Delta = Pick<FrameOf<'delta'>, 'message' | 'part' | 'offset' | 'text'>;

export function takeEvent(view: View, event: Event): Taken {
  if (event.seq <= view.last) return 'known';
  if (event.seq > view.last + 1) return 'hole';
  return {
    conversation: withEvent(view.conversation, event),
    events: [...view.events, event],
    last: event.seq,
    timeline: advance(view.timeline, [event]),
  };
}

export function takeDelta(view: View, delta: Delta): Taken {
  const { message: id, part, offset, text } = delta;
  if (view.timeline.retracted.has(id)) return 'known';
  const message = findMessage(view.timeline, id);
  if (!message) return 'hole';
  if (message.status !== 'streaming') return 'known';

  const length = utf8Length(text);
  const begun = part < message.parts.length;
  if (!begun && part > message.parts.length) return 'hole';
  const have = message.bytes[part] ?? 0;
  if (begun && offset + length <= have) return 'known';
  const isLast = !begun || part === message.parts.length - 1;
  if (offset > have || !isLast) return 'hole';

  const fresh = skipBytes(text, have - offset);
  if (fresh === undefined) return 'hole';
  const begunPart = message.parts[part];
  const before = begunPart?.type === 'text' ? begunPart.text : '';
  const item = {
    ...message,
    parts: replaced(message.parts, part, { type: 'text' as const, text: before + fresh }),
    bytes: replaced(message.bytes, part, offset + length),
  };
  return { ...view, timeline: withItem(view.timeline, item) };
}

/** `list` with `value` at `index`, which may be the first after its end. */
function replaced<T>(list: readonly T[], index: number, value: T): T[] {
  const copy = [...list];
  copy[index] = value;
  return copy;
}

function withEvent(conversation: Conversation, event: Event): Conversation {
  const next = { ...conversation, head: event.seq, updated_at: event.at };
  switch (event.type) {
    case 'conversation.renamed':
      return { ...next, title: event.title };
    case 'participant.joined':
      return { ...next, participants: joined(next.participants, event.participant) };
    case 'participant.left':
      return {
        ...next,
        agent: event.participant === `agent:${next.agent}` ? null : next.agent,
        participants: next.participants.filter((person) => person.id !== event.participant),
      };
    default:
      return next;
  }
}

function joined(people: readonly Participant[], person: Participant): Participant[] {
  const index = people.findIndex((other) => other.id === person.id);
  return index < 0 ? [...people, person] : people.with(index, person);
}
