import { describe, expect, it } from 'vitest';
import type { Item, MessageItem } from '@convene/client';
import { rowsOf } from '../src/pages/chat/timeline/rows.ts';
import { titleFrom, titleOf } from '../src/pages/chat/titles.ts';
import { dayName, shortTime } from '../src/pages/chat/times.ts';
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
    status: 'whole',
    bytes: [],
    run: undefined,
    attempt: 1,
  };
}

describe('rows', () => {
  const kinds = (items: Item[]) =>
    rowsOf(items, []).map((row) =>
      row.kind === 'message' ? `${row.item.author}${row.isFirst ? ' first' : ''}` : row.kind,
    );

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
    expect(titleOf(conversation, 'user:ada')).toBe('With guide');
    expect(titleOf({ ...conversation, title: 'Plans' }, 'user:ada')).toBe('Plans');
  });
});

describe('days', () => {
  it('are counted by midnights, not by hours', () => {
    const early = new Date(2024, 4, 15, 0, 1).getTime();
    expect(dayName(early, NOON)).toBe('Today');
    expect(dayName(early - 2 * MINUTE, NOON)).toBe('Yesterday');
    const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
    expect(shortTime(early - 2 * MINUTE, NOON)).toBe(weekday.format(early - 2 * MINUTE));
  });
});

describe('routes', () => {
  it('survive the address', () => {
    for (const route of [
      { page: 'list' },
      { page: 'new' },
      { page: 'conversation', id: 'c-1_A' },
      { page: 'join', invite: 'a.b/c=d?e&f' },
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
