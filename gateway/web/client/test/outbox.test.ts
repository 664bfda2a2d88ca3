import { describe, expect, it, vi } from 'vitest';
import type { ProblemBody } from '../src/types.ts';
import * as make from './builders.ts';
import { FakeSocket } from './fake-socket.ts';
import { underFakeTime } from './fake-time.ts';
import { C, connected, makeClient, settle, texts } from './harness.ts';

underFakeTime();

function accept(socket: FakeSocket, seq: number) {
  const { request } = socket.lastOf('send');
  socket.say({ type: 'accepted', request, conversation: C, seq });
}

function refuse(socket: FakeSocket, problem: ProblemBody) {
  socket.say({ type: 'error', request: socket.lastOf('send').request, ...problem });
}

const ids = (socket: FakeSocket) => socket.of('send').map((frame) => frame.message.id);

describe('the outbox', () => {
  it('sends in the order of saying, each after the one before was accepted', async () => {
    const { client } = makeClient();
    const socket = await connected(client);
    const [one, two] = [client.send(C, 'one'), client.send(C, 'two')];
    expect(ids(socket)).toEqual([one]);
    accept(socket, 2);
    expect(ids(socket)).toEqual([one, two]);
  });

  it('sends under the same id until it is accepted, whatever happens to the connection', async () => {
    const { client } = makeClient();
    const id = client.send(C, 'hi');
    expect(client.state(C).pending).toMatchObject([{ state: 'waiting' }]);
    const socket = await connected(client);
    expect(ids(socket)).toEqual([id]);
    expect(client.state(C).pending).toMatchObject([{ state: 'sending' }]);
    socket.drop();
    await vi.advanceTimersByTimeAsync(500);
    const second = FakeSocket.last.welcome();
    expect(ids(second)).toEqual([id]);
    accept(second, 2);
    second.drop();
    await vi.advanceTimersByTimeAsync(500);
    expect(ids(FakeSocket.last.welcome())).toEqual([]);
  });

  it('tells where the person is with each message, and keeps what one tells itself', async () => {
    const { client } = makeClient({ timezone: 'Asia/Tokyo' });
    const socket = await connected(client);
    client.send(C, 'hi');
    expect(socket.lastOf('send').message).toMatchObject({ timezone: 'Asia/Tokyo' });
    accept(socket, 2);
    client.send(C, 'from elsewhere', { timezone: 'Europe/Berlin' });
    expect(socket.lastOf('send').message).toMatchObject({ timezone: 'Europe/Berlin' });
    const { client: silent } = makeClient();
    const other = await connected(silent);
    silent.send(C, 'hi');
    expect(other.lastOf('send').message).not.toHaveProperty('timezone');
  });

  it('gives each message a trace of its own, the same for each try', async () => {
    const { client } = makeClient();
    client.send(C, 'hi');
    const first = (await connected(client)).lastOf('send').traceparent;
    expect(first).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    FakeSocket.last.drop();
    await vi.advanceTimersByTimeAsync(500);
    const second = FakeSocket.last.welcome();
    expect(second.lastOf('send').traceparent).toBe(first);
    accept(second, 2);
    client.send(C, 'more');
    expect(second.lastOf('send').traceparent).not.toBe(first);
  });

  it('survives a reload, and ends with the acceptance', async () => {
    const first = makeClient();
    const id = first.client.send(C, 'hi');
    const second = makeClient(first.options);
    const socket = await connected(second.client);
    expect(ids(socket)).toEqual([id]);
    accept(socket, 2);
    expect(first.outboxStorage.length).toBe(0);
  });

  it('is not shared between people', () => {
    const first = makeClient();
    first.client.send(C, 'hi');
    const other = makeClient({ ...first.options, participant: 'user:bob' });
    expect(other.client.state(C).pending).toEqual([]);
  });

  it('shows a message until the log does, and never both', async () => {
    const { client } = makeClient();
    const socket = await connected(client);
    client.open(C);
    const { request } = socket.lastOf('subscribe');
    socket.say({
      type: 'snapshot',
      request,
      conversation: C,
      position: make.position(1),
      state: make.state(),
    });
    const id = client.send(C, 'hi');
    accept(socket, 2);
    expect(client.state(C).pending).toHaveLength(1);
    const event = make.said(2, id, 'hi');
    socket.say({ type: 'event', conversation: C, position: make.position(2), event });
    expect(client.state(C).pending).toEqual([]);
    expect(texts(client)).toEqual(['hi']);
  });

  it('tries again what may succeed later', async () => {
    const { client } = makeClient();
    const socket = await connected(client);
    const id = client.send(C, 'hi');
    refuse(socket, { code: 'rate_limited', message: 'Slowly.', retryable: true });
    expect(ids(socket)).toEqual([id]);
    await vi.advanceTimersByTimeAsync(500);
    expect(ids(socket)).toEqual([id, id]);
    refuse(socket, { code: 'unavailable', message: 'Away.', retryable: true });
    await vi.advanceTimersByTimeAsync(999);
    expect(ids(socket)).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(ids(socket)).toEqual([id, id, id]);
  });

  it.each([
    { code: 'too_large', message: 'Too long.', retryable: false },
    { code: 'busy', message: 'One at a time.', retryable: true },
  ] as const)('leaves it to the person after $code, and goes on with the next', async (problem) => {
    const { client } = makeClient();
    const socket = await connected(client);
    const [one, two] = [client.send(C, 'one'), client.send(C, 'two')];
    refuse(socket, problem);
    expect(client.state(C).pending[0]).toMatchObject({
      state: 'refused',
      problem: { code: problem.code },
    });
    expect(ids(socket)).toEqual([one, two]);
    accept(socket, 2);
    client.sendAgain(C, one);
    expect(ids(socket)).toEqual([one, two, one]);
    client.discard(one);
    await settle();
    expect(client.state(C).pending).toEqual([]);
  });

  it('leaves it to the person after a reload, too', async () => {
    const first = makeClient();
    const problem = { code: 'no_such_participant', message: 'Gone.', retryable: false } as const;
    const id = first.client.send(C, 'hi');
    refuse(await connected(first.client), problem);
    first.client.stop();

    const second = makeClient(first.options).client;
    const socket = await connected(second);
    expect(second.state(C).pending).toMatchObject([{ state: 'refused', problem }]);
    expect(ids(socket)).toEqual([]);
    second.sendAgain(C, id);
    expect(ids(socket)).toEqual([id]);
    second.stop();

    const third = makeClient(first.options).client;
    expect(ids(await connected(third))).toEqual([id]);
  });

  it('sends again what was not answered in time', async () => {
    const { client } = makeClient();
    const socket = await connected(client);
    const id = client.send(C, 'hi');
    for (let second = 0; second < 18; second += 9) {
      await vi.advanceTimersByTimeAsync(9000);
      socket.say({ type: 'pong', request: 0 });
    }
    expect(ids(socket)).toEqual([id, id]);
  });

  describe('with a long message', () => {
    const LONG = 'é'.repeat(20_000);
    const answering = (status: number, body: unknown) =>
      vi.fn<typeof fetch>(() => Promise.resolve(Response.json(body, { status })));

    it('takes the way on which too long a message costs no connection', async () => {
      const fetch = answering(202, { id: 'x', seq: 2 });
      const { client } = makeClient({ fetch });
      const socket = await connected(client);
      const id = client.send(C, LONG);
      const next = client.send(C, 'short');
      await settle();
      const [address, request] = fetch.mock.calls[0] ?? [];
      expect(address).toBe('http://gateway.test/v1/conversations/c1/messages');
      expect(JSON.parse(request?.body as string)).toMatchObject({ id, parts: [{ text: LONG }] });
      expect(new Headers(request?.headers).get('traceparent')).toMatch(/^00-/);
      expect(ids(socket)).toEqual([next]);
    });

    it('leaves it to the person where it is too long', async () => {
      const problem = { code: 'too_large', message: 'Too long.', retryable: false };
      const { client } = makeClient({ fetch: answering(413, problem) });
      const socket = await connected(client);
      client.send(C, LONG);
      const next = client.send(C, 'short');
      await settle();
      expect(client.state(C).pending[0]).toMatchObject({
        state: 'refused',
        problem: { code: 'too_large' },
      });
      expect(ids(socket)).toEqual([next]);
    });

    it('leaves nothing in the storage once the client was stopped', async () => {
      const problem = { code: 'too_large', message: 'Too long.', retryable: false };
      const answers: ((response: Response) => void)[] = [];
      const fetch = () => new Promise<Response>((resolve) => answers.push(resolve));
      const { client, outboxStorage } = makeClient({ fetch });
      await connected(client);
      client.send(C, LONG);
      await settle();
      client.stop();
      outboxStorage.entries.clear(); // as signing out does
      answers[0]?.(Response.json(problem, { status: 413 }));
      await settle();
      expect(outboxStorage.entries.size).toBe(0);
    });

    it('says it again where no answer came, and once only where one may yet', async () => {
      const fetch = vi.fn<typeof globalThis.fetch>(() => Promise.reject(new Error('cut')));
      const { client } = makeClient({ fetch });
      const socket = await connected(client);
      client.send(C, LONG);
      await settle();
      expect(client.state(C).pending).toMatchObject([{ state: 'waiting' }]);
      fetch.mockImplementation(() => new Promise(() => undefined));
      await vi.advanceTimersByTimeAsync(1000);
      expect(fetch).toHaveBeenCalledTimes(2);
      socket.drop();
      await vi.advanceTimersByTimeAsync(500);
      FakeSocket.last.welcome();
      await settle();
      expect(fetch).toHaveBeenCalledTimes(2);
    });
  });
});
