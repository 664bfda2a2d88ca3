import { describe, expect, it } from 'vitest';
import { EMPTY, advance } from '../src/fold/timeline.ts';
import { takeDelta, takeEvent } from '../src/fold/take.ts';
import { textOf } from '../src/fold/view.ts';
import type { View } from '../src/fold/view.ts';
import { hasOlder, recordOf, viewOf, viewOfRecord, withOlder } from '../src/fold/window.ts';
import type { Event } from '../src/types.ts';
import * as make from './builders.ts';

function mustTake(view: View, event: Event): View {
  const taken = takeEvent(view, event);
  if (typeof taken === 'string') throw new Error(`event ${event.seq}: ${taken}`);
  return taken;
}

function after(...events: Event[]): View {
  return events.reduce(mustTake, viewOf(make.state()));
}

function delta(view: View, offset: number, text: string, part = 0, message = 'a1') {
  return takeDelta(view, { message, part, offset, text });
}

function mustDelta(view: View, offset: number, text: string, part = 0): View {
  const taken = delta(view, offset, text, part);
  if (typeof taken === 'string') throw new Error(`delta at ${offset}: ${taken}`);
  return taken;
}

function texts(view: View): string[] {
  return view.timeline.items.filter((item) => item.kind === 'message').map(textOf);
}

const streaming = () => after(make.said(2, 'm1', 'hi'), make.runStarted(3), make.started(4));

describe('a fold', () => {
  it('comes to the same over many events at once and one by one', () => {
    const events = [
      make.begun,
      make.said(2, 'm1', 'hi'),
      make.runStarted(3),
      make.started(4),
      make.retracted(5),
      make.runStarted(6, 2),
      make.started(7, 'a2'),
      make.completed(8, 'hello', 'a2'),
      make.failed(9),
      make.said(10, 'm1', 'again'),
    ];
    const oneByOne = events.reduce((timeline, event) => advance(timeline, [event]), EMPTY);
    expect(advance(EMPTY, events)).toEqual(oneByOne);
    expect(EMPTY.items).toEqual([]);
  });
});

describe('what is offered', () => {
  const offering = (seq: number, id: string, author: string = make.GUIDE.id) =>
    make.event(seq, {
      type: 'message.completed',
      message: {
        id,
        author,
        parts: [
          { type: 'text', text: 'Yes?' },
          { type: 'actions', layout: 'buttons', actions: [{ id: 'y', label: 'Yes' }], offer: 'q1' },
        ],
      },
      run: 'r1',
      whole: true,
    });
  const closing = (seq: number, ...closes: string[]) =>
    make.event(seq, { type: 'run.finished', run: 'r1', outcome: 'completed', closes });
  const closed = (...events: Event[]) =>
    after(...events).timeline.items.flatMap((item) =>
      item.kind === 'message' ? [item.closed] : [],
    );

  it('is closed by a run of its agent, wherever that stands, and by nobody else', () => {
    const begin = [make.runStarted(2), offering(3, 'a1'), offering(4, 'a2', 'agent:other')];
    expect(closed(...begin, closing(5, 'q2'))).toEqual([[], []]);
    const behind = [closing(5, 'q1'), offering(6, 'a3')];
    expect(closed(...begin, ...behind)).toEqual([[1], [], []]);
  });
});

describe('events', () => {
  it('are taken in order, each once', () => {
    const view = after(make.said(2, 'm1', 'one'), make.said(3, 'm2', 'two'));
    expect(texts(view)).toEqual(['one', 'two']);
    expect(takeEvent(view, make.said(3, 'm2', 'two'))).toBe('known');
    expect(takeEvent(view, make.said(2, 'other', 'x'))).toBe('known');
    expect(view.last).toBe(3);
  });

  it('show a hole instead of passing over it', () => {
    expect(takeEvent(after(), make.said(3, 'm', 'x'))).toBe('hole');
  });

  it('of an unknown type move the view on and change nothing else', () => {
    const strange = { ...make.begun, seq: 2, type: 'task.created' } as unknown as Event;
    const view = after(strange);
    expect(view.last).toBe(2);
    expect(view.timeline.items).toHaveLength(1);
  });

  it('keep title, people and names', () => {
    const bob = { id: 'user:bob', name: 'Bob', role: 'member' } as const;
    const view = after(
      make.event(2, { type: 'conversation.renamed', by: 'user:ada', title: 'Plans' }),
      make.event(3, { type: 'participant.joined', participant: bob }),
      make.event(4, { type: 'participant.left', participant: 'user:ada' }),
    );
    expect(view.conversation.title).toBe('Plans');
    expect(view.conversation.participants.map(({ id }) => id)).toEqual(['agent:guide', 'user:bob']);
    expect(view.timeline.names.get('user:ada')).toBe('Ada');
    expect(view.conversation.head).toBe(4);
    expect(view.conversation.agent).toBe('guide');
    const gone = after(make.event(2, { type: 'participant.left', participant: 'agent:guide' }));
    expect(gone.conversation.agent).toBeNull();
  });
});

describe('deltas', () => {
  it('extend the text, counted in bytes of UTF-8', () => {
    let view = mustDelta(streaming(), 0, 'né ');
    view = mustDelta(view, 4, '👩‍🚀');
    view = mustDelta(view, 15, '!');
    expect(texts(view)).toEqual(['hi', 'né 👩‍🚀!']);
  });

  it('already seen are ignored, and of those half seen the rest is taken', () => {
    let view = mustDelta(streaming(), 0, 'one 𝄞');
    expect(delta(view, 0, 'one')).toBe('known');
    expect(delta(view, 4, '𝄞')).toBe('known');
    view = mustDelta(view, 4, '𝄞 two');
    expect(texts(view)).toEqual(['hi', 'one 𝄞 two']);
  });

  it('past the end of the text are a hole', () => {
    const view = mustDelta(streaming(), 0, 'one');
    expect(delta(view, 4, 'x')).toBe('hole');
    expect(delta(view, 0, 'x', 2)).toBe('hole');
    expect(delta(view, 0, 'x', 0, 'unheard-of')).toBe('hole');
  });

  it('that would begin inside a character are a hole', () => {
    const view = mustDelta(streaming(), 0, 'a');
    expect(delta(view, 0, 'éx')).toBe('hole');
  });

  it('may begin the next part, and only the last part grows', () => {
    let view = mustDelta(streaming(), 0, 'first');
    view = mustDelta(view, 0, 'second', 1);
    expect(texts(view)).toEqual(['hi', 'first\nsecond']);
    expect(delta(view, 5, 'more', 0)).toBe('hole');
    expect(delta(view, 0, 'first', 0)).toBe('known');
  });

  it('leave other messages the same objects', () => {
    const view = streaming();
    const next = mustDelta(view, 0, 'x');
    expect(next.timeline.items[1]).toBe(view.timeline.items[1]);
    expect(next.timeline.items[2]).not.toBe(view.timeline.items[2]);
  });
});

describe('runs', () => {
  it('show while they are under way', () => {
    expect(streaming().timeline.active).toMatchObject({ id: 'r1', attempt: 1, status: 'running' });
    const done = [make.completed(5, 'hello'), make.finished(6)].reduce(mustTake, streaming());
    expect(done.timeline.active).toBeUndefined();
  });

  it('complete a message with the whole text, in the place where it began', () => {
    const partial = mustDelta(streaming(), 0, 'hel');
    const view = [make.said(5, 'm2', 'meanwhile'), make.completed(6, 'hello')].reduce(
      mustTake,
      partial,
    );
    expect(texts(view)).toEqual(['hi', 'hello', 'meanwhile']);
    expect(delta(view, 3, 'lo')).toBe('known');
  });

  it('say what nobody else writes over', () => {
    const forged = (seq: number) => make.said(seq, 'a1', 'your password?', 'user:eve');
    const view = [forged(5), make.completed(6, 'hello'), forged(7)].reduce(
      (before, event) => {
        const next = mustTake(before, event);
        expect(next.timeline.items.at(-1)).toMatchObject({ author: make.GUIDE.id, run: 'r1' });
        return next;
      },
      mustDelta(streaming(), 0, 'hel'),
    );
    expect(texts(view)).toEqual(['hi', 'hello']);

    const late = viewOf(
      make.state({ events: [], streaming: { message: 'a1', part: 0, text: 'tail' } }),
    );
    expect(texts(mustTake(late, forged(2)))).toEqual(['tail']);
  });

  it('that are stopped keep what was said', () => {
    const view = mustTake(mustDelta(streaming(), 0, 'hel'), make.completed(5, 'hel', 'a1', false));
    expect(view.timeline.items.at(-1)).toMatchObject({ status: 'stopped' });
    expect(texts(view)).toEqual(['hi', 'hel']);
  });

  it('that heal forget the text of the attempt that died', () => {
    let view = mustTake(mustDelta(streaming(), 0, 'wrong'), make.retracted(5));
    expect(texts(view)).toEqual(['hi']);
    expect(view.timeline.active?.status).toBe('retrying');
    expect(delta(view, 5, ' more')).toBe('known');
    view = [make.runStarted(6, 2), make.started(7, 'a2'), make.completed(8, 'right', 'a2')].reduce(
      mustTake,
      view,
    );
    expect(texts(view)).toEqual(['hi', 'right']);
    expect(view.timeline.items.at(-1)).toMatchObject({ attempt: 2 });
  });

  it('that wait for another attempt say until when', () => {
    const view = mustTake(
      mustTake(streaming(), make.retracted(5)),
      make.event(6, {
        type: 'run.retrying',
        run: 'r1',
        attempt: 1,
        error: { code: 'model_unavailable', message: 'No answer.' },
        delay_ms: 500,
      }),
    );
    expect(view.timeline.active).toMatchObject({ status: 'retrying', retryAt: 6500 });
  });

  it('that fail leave a notice with the reason', () => {
    const view = mustTake(mustTake(streaming(), make.retracted(5)), make.failed(6));
    expect(view.timeline.active).toBeUndefined();
    expect(view.timeline.items.at(-1)).toMatchObject({
      kind: 'notice',
      event: { error: { message: 'The model gave no answer.' } },
    });
  });
});

describe('a window on the log', () => {
  const all = [
    make.begun,
    make.said(2, 'm1', 'hi'),
    make.runStarted(3),
    make.started(4),
    make.completed(5, 'hello'),
    make.finished(6),
  ];
  const from = (seq: number) =>
    viewOf(
      make.state({
        conversation: make.conversation({ head: 6 }),
        events: all.filter((event) => event.seq >= seq),
      }),
    );

  it('is the same whether it was read at once or backwards in pages', () => {
    for (let cut = 2; cut <= 6; cut += 1) {
      const view = withOlder(
        from(cut),
        all.filter((event) => event.seq < cut),
      );
      expect(view).toEqual(from(1));
    }
  });

  it('takes no page that does not touch it', () => {
    const view = from(5);
    expect(withOlder(view, all.slice(0, 3))).toBe(view);
    expect(hasOlder(view)).toBe(true);
    expect(hasOlder(from(1))).toBe(false);
  });

  it('keeps a text under way when older events come before it', () => {
    const view = viewOf(
      make.state({
        events: all.slice(2, 4),
        streaming: { message: 'a1', part: 0, text: 'hé' },
      }),
    );
    const grown = mustDelta(withOlder(view, all.slice(0, 2)), 3, '!');
    expect(texts(grown)).toEqual(['hi', 'hé!']);
  });

  it('shows a text under way whose beginning is older than the state', () => {
    const view = viewOf(
      make.state({ events: [], streaming: { message: 'a1', part: 1, text: 'tail' } }),
    );
    expect(texts(mustDelta(view, 4, '!', 1))).toEqual(['\ntail!']);
  });

  it('survives storage, cut to its last events', () => {
    const view = mustDelta(streaming(), 0, 'hé');
    for (const limit of [1, 2, 100]) {
      const stored = JSON.parse(JSON.stringify(recordOf(view, limit))) as never;
      const back = viewOfRecord(stored);
      expect(back.last).toBe(view.last);
      expect(back.events).toHaveLength(Math.min(limit, 4));
      expect(texts(mustDelta(back, 3, '!')).at(-1)).toBe('hé!');
    }
  });
});
