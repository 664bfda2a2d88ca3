import { describe, expect, it, vi } from 'vitest';
import type { ConveneClient } from '../src/client.ts';
import type { Event, FrameOf, State } from '../src/types.ts';
import * as make from './builders.ts';
import { FakeSocket } from './fake-socket.ts';
import { underFakeTime } from './fake-time.ts';
import { C, connected, makeClient, settle, texts } from './harness.ts';

underFakeTime();

function answer(
  socket: FakeSocket,
  change: Partial<State> = {},
  type: 'snapshot' | 'reset' = 'snapshot',
) {
  const state = make.state(change);
  const position = make.position(state.events.at(-1)?.seq ?? 0);
  const { request } = socket.lastOf('subscribe');
  socket.say({ type, request, conversation: C, position, state });
}

function resume(socket: FakeSocket) {
  const { request, after } = socket.lastOf('subscribe');
  socket.say({ type: 'resumed', request, conversation: C, position: after ?? '', here: [] });
}

function frame(event: Event): FrameOf<'event'> {
  return { type: 'event', conversation: C, position: make.position(event.seq), event };
}

function delta(offset: number, text: string): FrameOf<'delta'> {
  const position = `${make.position(4)}:a1:0:${offset + text.length}`;
  return { type: 'delta', conversation: C, position, message: 'a1', part: 0, offset, text };
}

async function opened(client: ConveneClient): Promise<FakeSocket> {
  const socket = await connected(client);
  client.open(C);
  answer(socket);
  return socket;
}

const MID_ANSWER = [make.said(2, 'm1', 'hi'), make.runStarted(3), make.started(4)].map(frame);

describe('a feed', () => {
  it('begins with a snapshot and goes on with what follows', async () => {
    const { client } = makeClient();
    const socket = await opened(client);
    socket.say(...MID_ANSWER, delta(0, 'hel'), delta(3, 'lo'));
    expect(texts(client)).toEqual(['hi', 'hello']);
    expect(client.state(C).sync).toBe('live');
  });

  it('resumes after a lost connection from the last position, in mid-text', async () => {
    const { client } = makeClient();
    const socket = await opened(client);
    socket.say(...MID_ANSWER, delta(0, 'hel'));
    socket.drop();
    expect(client.state(C).sync).toBe('catching-up');
    await vi.advanceTimersByTimeAsync(500);
    const second = FakeSocket.last.welcome();
    expect(second.lastOf('subscribe').after).toBe(`${make.position(4)}:a1:0:3`);
    resume(second);
    second.say(delta(3, 'lo'), frame(make.completed(5, 'hello')));
    expect(texts(client)).toEqual(['hi', 'hello']);
  });

  it('resumes after a reload, with the view that belongs to the position', async () => {
    const first = makeClient();
    const socket = await opened(first.client);
    socket.say(...MID_ANSWER, delta(0, 'hel'));
    first.client.stop();

    const { client } = makeClient(first.options);
    expect(texts(client)).toEqual(['hi', 'hel']);
    const second = await connected(client);
    client.open(C);
    expect(second.lastOf('subscribe').after).toBe(`${make.position(4)}:a1:0:3`);
    resume(second);
    second.say(delta(3, 'lo'));
    expect(texts(client)).toEqual(['hi', 'hello']);
  });

  it('begins anew where the storage was too full to hold it', async () => {
    const first = makeClient();
    const socket = await opened(first.client);
    first.viewStorage.limit = 50;
    socket.say(...MID_ANSWER);
    first.client.stop();
    const { client } = makeClient(first.options);
    const second = await connected(client);
    client.open(C);
    expect(second.lastOf('subscribe').after).toBeUndefined();
  });

  it('forgets what it knew on reset', async () => {
    const { client } = makeClient();
    const socket = await opened(client);
    socket.say(...MID_ANSWER);
    socket.drop();
    await vi.advanceTimersByTimeAsync(500);
    answer(
      FakeSocket.last.welcome(),
      { events: [make.begun, make.said(2, 'x', 'other')] },
      'reset',
    );
    expect(texts(client)).toEqual(['other']);
  });

  it('keeps older events that a snapshot touches', async () => {
    const { client } = makeClient();
    const socket = await opened(client);
    socket.say(frame(make.said(2, 'm1', 'one')), frame(make.said(3, 'm2', 'two')));
    socket.drop();
    await vi.advanceTimersByTimeAsync(500);
    answer(FakeSocket.last.welcome(), {
      events: [make.said(3, 'm2', 'two'), make.said(4, 'm3', 'three')],
    });
    expect(texts(client)).toEqual(['one', 'two', 'three']);
  });

  it('asks again from its position when an event is missing', async () => {
    const { client } = makeClient();
    const socket = await opened(client);
    socket.say(frame(make.said(3, 'm2', 'two')));
    expect(socket.of('subscribe')).toHaveLength(2);
    expect(socket.lastOf('subscribe').after).toBe(make.position(1));
    socket.say(frame(make.said(4, 'm3', 'stale')));
    resume(socket);
    socket.say(frame(make.said(2, 'm1', 'one')), frame(make.said(3, 'm2', 'two')));
    expect(texts(client)).toEqual(['one', 'two']);
  });

  it('asks for the whole state when asking again did not help, and then less and less often', async () => {
    const { client } = makeClient();
    const socket = await opened(client);
    for (let round = 0; round < 2; round += 1) {
      socket.say(frame(make.said(9, 'm', 'x')));
      resume(socket);
    }
    expect(socket.lastOf('subscribe').after).toBeUndefined();
    answer(socket);
    socket.say(frame(make.said(9, 'm', 'x')));
    expect(socket.of('subscribe')).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(5000);
    expect(socket.of('subscribe')).toHaveLength(4);
  });

  it('asks again when it was not answered in time', async () => {
    const { client } = makeClient();
    const socket = await connected(client);
    client.open(C);
    await vi.advanceTimersByTimeAsync(9000);
    socket.say({ type: 'pong', request: 0 });
    await vi.advanceTimersByTimeAsync(9000);
    expect(socket.of('subscribe')).toHaveLength(2);
  });

  it('stays refused where the person may not read', async () => {
    const { client } = makeClient();
    const socket = await connected(client);
    client.open(C);
    const { request } = socket.lastOf('subscribe');
    socket.say({
      type: 'error',
      request,
      code: 'not_found',
      message: 'No such thing.',
      retryable: false,
    });
    expect(client.state(C)).toMatchObject({ sync: 'refused', problem: { code: 'not_found' } });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(socket.of('subscribe')).toHaveLength(1);
  });

  it('that the server ends is asked for again where that may help', async () => {
    const { client } = makeClient();
    const socket = await opened(client);
    const ended = { type: 'ended', conversation: C } as const;
    socket.say({ ...ended, code: 'unavailable', message: 'Away.', retryable: true });
    expect(client.state(C).sync).toBe('catching-up');
    await vi.advanceTimersByTimeAsync(1000);
    expect(socket.of('subscribe')).toHaveLength(2);
    expect(socket.lastOf('subscribe').after).toBe(make.position(1));
    resume(socket);
    expect(client.state(C).sync).toBe('live');

    socket.say({ ...ended, code: 'not_found', message: 'You are out.', retryable: false });
    expect(client.state(C).sync).toBe('refused');
    expect(client.state(C).problem?.code).toBe('not_found');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(socket.of('subscribe')).toHaveLength(2);
  });

  it('is left some time after the last user closed it, not between two', async () => {
    const { client } = makeClient();
    const socket = await connected(client);
    const close = client.open(C);
    answer(socket);
    close();
    const closeAgain = client.open(C);
    await vi.advanceTimersByTimeAsync(1000);
    expect(socket.of('unsubscribe')).toHaveLength(0);
    expect(socket.of('subscribe')).toHaveLength(1);
    closeAgain();
    await vi.advanceTimersByTimeAsync(1000);
    expect(socket.of('unsubscribe')).toHaveLength(1);
  });

  it('tells who is here and who types, for as long as they do', async () => {
    const { client } = makeClient();
    const socket = await opened(client);
    const signal = { type: 'signal', conversation: C, participant: 'user:bob' } as const;
    socket.say({ ...signal, signal: 'presence', here: true }, { ...signal, signal: 'typing' });
    expect(client.state(C).company.here).toEqual(new Set(['user:ada', 'user:bob']));
    expect(client.state(C).company.typing).toEqual(new Set(['user:bob']));
    await vi.advanceTimersByTimeAsync(6000);
    expect(client.state(C).company.typing.size).toBe(0);
    socket.say({ ...signal, signal: 'typing' }, frame(make.said(2, 'b1', 'hey', 'user:bob')));
    expect(client.state(C).company.typing.size).toBe(0);
    socket.say({ ...signal, signal: 'read', seq: 2 }, { ...signal, signal: 'read', seq: 1 });
    expect(client.state(C).company.read.get('user:bob')).toBe(2);
  });

  it('reads the past in pages', async () => {
    const events = [make.said(2, 'm1', 'one'), make.said(3, 'm2', 'two')];
    const fetch = vi.fn(() =>
      Promise.resolve(Response.json({ events: [make.begun, events[0]], head: 3, first: 1 })),
    );
    const { client } = makeClient({ fetch });
    const socket = await connected(client);
    client.open(C);
    answer(socket, { events: events.slice(1) });
    await client.loadOlder(C);
    expect(fetch).toHaveBeenCalledWith(
      'http://gateway.test/v1/conversations/c1/history?before=3&limit=100',
      expect.anything(),
    );
    expect(texts(client)).toEqual(['one', 'two']);
    await client.loadOlder(C);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it('gives the same state object until something changes', async () => {
    const { client } = makeClient();
    const socket = await opened(client);
    const before = client.state(C);
    expect(client.state(C)).toBe(before);
    socket.say(frame(make.said(2, 'm1', 'one')));
    expect(client.state(C)).not.toBe(before);
    await settle();
  });
});
