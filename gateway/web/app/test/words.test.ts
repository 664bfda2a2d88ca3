import { describe, expect, it } from 'vitest';
import type { Field, Item, MessageItem, SignalItem } from '@convene/client';
import { isolated } from '../src/pages/chat/names.ts';
import { answersOf, firstAnswers } from '../src/pages/chat/offers/answers.ts';
import { saidIn } from '../src/pages/chat/offers/said.ts';
import { isClosed } from '../src/pages/chat/offers/usePress.ts';
import { withoutGone } from '../src/pages/chat/sidebar/useConversations.ts';
import { isSameStretch, rowsOf, stretchesOf } from '../src/pages/chat/timeline/rows.ts';
import { isComposing } from '../src/ui/keys.ts';
import { titleFrom, titleOf } from '../src/pages/chat/titles.ts';
import { LANGUAGES } from '../src/i18n/languages.ts';
import { tongueOf } from '../src/i18n/tongue.ts';
import { timesOf } from '../src/i18n/times.ts';
import { words } from '../src/i18n/words/en/index.ts';
import { hrefOf, parseRoute } from '../src/router.ts';

const MINUTE = 60_000;
const NOON = new Date(2024, 4, 15, 12).getTime();

function message(seq: number, author: string, at: number): MessageItem {
  return {
    kind: 'message',
    id: `m${seq}`,
    seq,
    at,
    author,
    parts: [],
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

function timer(seq: number, agent: string): SignalItem {
  const event = { type: 'timer.cleared', seq, eid: '1', at: NOON, agent, run: 'r', name: 't' };
  return { kind: 'signal', id: `event-${seq}`, seq, at: NOON, event } as SignalItem;
}

describe('rows', () => {
  const kinds = (items: Item[]) =>
    rowsOf(items).map((row) =>
      row.kind === 'message' ? `${row.item.author}${row.isFirst ? ' first' : ''}` : row.kind,
    );

  it('tell in one of them what an agent does with its timers in a row', () => {
    const items = [timer(1, 'shop'), timer(2, 'shop'), timer(3, 'desk'), message(4, 'ada', NOON)];
    const rows = rowsOf([...items, timer(5, 'desk')]).filter(({ kind }) => kind === 'timers');
    const seqs = rows.map((row) => (row.kind === 'timers' ? row.items.map(({ seq }) => seq) : []));
    expect(seqs).toEqual([[1, 2], [3], [5]]);
  });

  it('group what one author says in a row', () => {
    const items = [
      message(1, 'ada', NOON),
      message(2, 'ada', NOON + MINUTE),
      message(3, 'bob', NOON + MINUTE),
      message(4, 'ada', NOON + MINUTE),
      message(5, 'ada', NOON + 10 * MINUTE),
    ];
    expect(kinds(items)).toEqual([
      'day',
      'ada first',
      'ada',
      'bob first',
      'ada first',
      'ada first',
    ]);
  });

  it('begin each day anew', () => {
    const late = new Date(2024, 4, 15, 23, 59).getTime();
    const items = [message(1, 'ada', late), message(2, 'ada', late + 2 * MINUTE)];
    expect(kinds(items)).toEqual(['day', 'ada first', 'day', 'ada first']);
  });
});

describe('stretches', () => {
  const items = Array.from({ length: 300 }, (_, index) => message(index + 1, 'ada', NOON));
  const all = stretchesOf(items);

  it('hold every item once, in order', () => {
    expect(all.flatMap((stretch) => stretch.items)).toEqual(items);
    expect(all.map(({ previous }) => previous?.seq)).toEqual([undefined, 63, 127, 191, 255]);
  });

  it('stay the same where items come before, come behind or change elsewhere', () => {
    const sameAs = (others: readonly Item[]) =>
      stretchesOf(others).filter((one) =>
        all.some((other) => one.key === other.key && isSameStretch(one, other)),
      ).length;
    expect(sameAs([...items, message(301, 'ada', NOON)])).toBe(4);
    expect(sameAs(items.slice(100))).toBe(3);
    expect(sameAs(items.with(299, message(300, 'bob', NOON)))).toBe(4);
  });
});

describe('names', () => {
  it('keep their direction to themselves, and only where they have one', () => {
    expect(isolated('Ada')).toBe('Ada');
    expect(isolated('بوب')).toBe('\u2068بوب\u2069');
    expect(isolated('Bob\u202eevil')).toBe('\u2068Bob\u202eevil\u2069');
  });
});

describe('keys', () => {
  it('belong to the input method while it composes, in Safari too', () => {
    expect(isComposing({ isComposing: true, keyCode: 13 })).toBe(true);
    expect(isComposing({ isComposing: false, keyCode: 229 })).toBe(true);
    expect(isComposing({ isComposing: false, keyCode: 13 })).toBe(false);
  });
});

describe('the list', () => {
  const one = (id: string, at: number) => ({
    id,
    policy: 'enqueue' as const,
    participants: [],
    created_at: 0,
    updated_at: at,
    head: 1,
    first: 1,
  });
  const known = new Map(['a', 'b', 'c'].map((id, index) => [id, one(id, 30 - 10 * index)]));

  it('forgets what its first page would hold, and nothing behind that', () => {
    const page = { conversations: [one('a', 30), one('d', 15)], next: 'x' };
    expect([...withoutGone(known, page).keys()]).toEqual(['a', 'c']);
    expect([...withoutGone(known, { conversations: [one('a', 30)] }).keys()]).toEqual(['a']);
  });
});

const field = (name: string, input: object) => ({ name, label: name, ...input }) as Field;

describe('answers', () => {
  const fields = [
    field('name', { input: 'text' }),
    field('age', { input: 'integer' }),
    field('price', { input: 'number', value: 2.5 }),
    field('news', { input: 'boolean' }),
    field('days', { input: 'choice', options: [], multiple: true, value: ['mo'] }),
  ];

  it('are of the kind that is asked for, and what was left empty is left out', () => {
    const first = firstAnswers(fields);
    expect(answersOf(fields, first)).toEqual({ price: 2.5, news: false, days: ['mo'] });
    const typed = { ...first, name: 'Ada', age: ' 36 ', price: '3,5', news: true };
    expect(answersOf(fields, typed)).toEqual({
      name: 'Ada',
      age: 36,
      price: 3.5,
      news: true,
      days: ['mo'],
    });
  });

  it('are handed in as they are where they are no number', () => {
    expect(answersOf(fields, { age: 'old' })).toEqual({ age: 'old' });
  });
});

describe('what was answered', () => {
  const form = {
    type: 'form' as const,
    id: 'order',
    submit: 'Order',
    fields: [
      field('Name', { input: 'text' }),
      field('Price', { input: 'number' }),
      field('Quiet', { input: 'boolean' }),
      field('Day', { input: 'date' }),
      field('Meal', { input: 'choice', options: [{ value: 's', label: 'Soup' }] }),
    ],
  };
  const value = { Meal: ['s'], Name: 'Ada', Price: 1234.5, Quiet: false, Day: '2026-12-01' };
  const act = { type: 'act' as const, seq: 1, message: 'm1', part: 0, action: 'order', label: 'x' };
  const offering = { ...message(1, 'agent:guide', NOON), parts: [form] };
  const answer = { ...message(2, 'user:ada', NOON), parts: [{ ...act, value }] };

  it("is written as the reader's language writes it, and by labels", async () => {
    const { words: german } = await LANGUAGES.de.load();
    const said = saidIn(answer, () => offering, tongueOf('de', german, 'de-DE'));
    const expected = 'Name: Ada\nPrice: 1.234,5\nQuiet: nein\nDay: 1. Dezember 2026\nMeal: Soup';
    expect(said).toBe(expected);
  });

  it('is what the server made of it, where the form is not in sight', () => {
    const english = tongueOf('en', words, 'en');
    expect(saidIn(answer, () => undefined, english)).toBe('x');
    const pressed = { ...answer, parts: [{ ...act, value: 'yes' }] };
    expect(saidIn(pressed, () => offering, english)).toBe('x');
  });
});

describe('an offer', () => {
  const press = { part: 0, action: 'yes', author: 'user:bob', seq: 3 };

  it('is closed to others than those whom it is for, and after the only press', () => {
    expect(isClosed({}, [press], 'user:ada')).toBe(false);
    expect(isClosed({ once: true }, [], 'user:ada')).toBe(false);
    expect(isClosed({ once: true }, [press], 'user:ada')).toBe(true);
    expect(isClosed({ for: ['user:bob'] }, [], 'user:ada')).toBe(true);
  });
});

describe('titles', () => {
  it('are made of the first line, cut between words', () => {
    expect(titleFrom('  Hello there \nand more')).toBe('Hello there');
    const long = 'A question that is much too long to be the title of a conversation, really';
    expect(titleFrom(long)).toBe('A question that is much too long to be the title of a…');
    expect(titleFrom('x'.repeat(100))).toHaveLength(61);
  });

  it('name the others where there is none', () => {
    const people = [
      { id: 'user:ada', name: 'Ada', role: 'owner' as const },
      { id: 'agent:guide', name: 'guide', role: 'agent' as const },
    ];
    const conversation = {
      id: 'c',
      policy: 'enqueue' as const,
      participants: people,
      created_at: 0,
      updated_at: 0,
      head: 1,
      first: 1,
    };
    expect(titleOf(conversation, 'user:ada', words.list)).toBe('With guide');
    expect(titleOf({ ...conversation, title: 'Plans' }, 'user:ada', words.list)).toBe('Plans');
  });
});

describe('days', () => {
  it('are counted by midnights, not by hours', () => {
    const early = new Date(2024, 4, 15, 0, 1).getTime();
    const { dayName, shortTime } = timesOf('en', words.list);
    expect(dayName(early, NOON)).toBe('Today');
    expect(dayName(early - 2 * MINUTE, NOON)).toBe('Yesterday');
    const weekday = new Intl.DateTimeFormat('en', { weekday: 'short' });
    expect(shortTime(early - 2 * MINUTE, NOON)).toBe(weekday.format(early - 2 * MINUTE));
  });
});

describe('routes', () => {
  it('survive the address', () => {
    for (const route of [
      { page: 'list' },
      { page: 'new' },
      { page: 'conversation', id: 'c-1_A' },
      { page: 'join', invite: 'a.b/c=d?e&f', agreed: false },
    ] as const) {
      expect(parseRoute(hrefOf(route))).toEqual(route);
    }
  });

  it('lead to the list from anywhere else', () => {
    for (const fragment of ['', '#', '#/', '#/nowhere', '#/c/', '#/c']) {
      expect(parseRoute(fragment)).toEqual({ page: 'list' });
    }
  });
});
