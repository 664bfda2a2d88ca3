import { describe, expect, it, vi } from 'vitest';
import { ConveneClient } from '../src/client.ts';
import { FakeSocket } from './fake-socket.ts';
import { underFakeTime } from './fake-time.ts';
import { C, connected, makeClient, settle } from './harness.ts';

underFakeTime();

describe('the connection', () => {
  it('says the token in the first frame, never in the URL', async () => {
    const { client } = makeClient();
    const socket = await connected(client);
    expect(socket.url).toBe('ws://gateway.test/v1/ws');
    expect(socket.sent[0]).toMatchObject({ type: 'hello', token: 'token-1' });
    expect(client.status.state).toBe('open');
  });

  it('opens again with growing, jittered delays', async () => {
    const { client } = makeClient();
    await connected(client);
    for (const delay of [250, 500, 1000, 2000]) {
      const count = FakeSocket.all.length;
      FakeSocket.last.drop();
      expect(client.status.state).toBe('waiting');
      await vi.advanceTimersByTimeAsync(delay - 1);
      expect(FakeSocket.all).toHaveLength(count);
      await vi.advanceTimersByTimeAsync(1);
      expect(FakeSocket.all).toHaveLength(count + 1);
    }
  });

  it.each([1000, 1006, 1011, 4000, 4008, 4009, 4013, 4499])(
    'opens again after %i',
    async (code) => {
      const { client } = makeClient();
      (await connected(client)).drop(code);
      await vi.advanceTimersByTimeAsync(500);
      expect(FakeSocket.all).toHaveLength(2);
    },
  );

  it.each([4500, 4503, 4999])('ends after %i', async (code) => {
    const { client } = makeClient();
    (await connected(client)).drop(code);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(client.status).toEqual({ state: 'ended', reason: 'refused' });
  });

  it('asks for another token when its own was refused, and gives up when that is too', async () => {
    const { client, token } = makeClient();
    const socket = await connected(client);
    token.mockReturnValue('token-2');
    socket.drop(4502);
    await settle();
    expect(token).toHaveBeenLastCalledWith('refused', 'token-1');
    FakeSocket.last.readyState = 1;
    FakeSocket.last.onopen?.();
    expect(FakeSocket.last.lastOf('hello').token).toBe('token-2');
    FakeSocket.last.drop(4501);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.all).toHaveLength(2);
    expect(client.status).toEqual({ state: 'ended', reason: 'unauthenticated' });
  });

  it('says which token was refused, however many were asked for since', async () => {
    const { client, token } = makeClient();
    client.start();
    await settle();
    const socket = FakeSocket.last.welcome({ expires_at: Date.now() / 1000 + 8 });
    token.mockReturnValue('token-2');
    await vi.advanceTimersByTimeAsync(4000);
    expect(socket.lastOf('hello').token).toBe('token-2');
    socket.drop(4502);
    await settle();
    expect(token).toHaveBeenLastCalledWith('refused', 'token-2');
  });

  it('tells of typing though the clock was set back', async () => {
    const { client } = makeClient();
    const socket = await connected(client);
    client.typing(C);
    vi.setSystemTime(Date.now() - 3_600_000);
    await vi.advanceTimersByTimeAsync(3000);
    client.typing(C);
    expect(socket.of('typing')).toHaveLength(2);
  });

  it('ends where no token can be had', async () => {
    const { client } = makeClient({ token: () => undefined });
    client.start();
    await settle();
    expect(FakeSocket.all).toHaveLength(0);
    expect(client.status).toEqual({ state: 'ended', reason: 'unauthenticated' });
  });

  it('renews the token on the living socket before it expires', async () => {
    const { client, token } = makeClient();
    client.start();
    await settle();
    const expiry = Date.now() / 1000 + 300;
    const socket = FakeSocket.last.welcome({ expires_at: expiry });
    token.mockReturnValue('token-2');
    await vi.advanceTimersByTimeAsync(9000);
    socket.say({ type: 'pong', request: 0 });
    for (let second = 9; second < 240; second += 9) {
      await vi.advanceTimersByTimeAsync(9000);
      socket.say({ type: 'pong', request: 0 });
    }
    expect(token).toHaveBeenLastCalledWith('expiring', 'token-1');
    expect(socket.lastOf('hello').token).toBe('token-2');
    expect(FakeSocket.all).toHaveLength(1);
  });

  it('asks again for a fresh token as long as the old one is good', async () => {
    const { client, token } = makeClient();
    client.start();
    await settle();
    const socket = FakeSocket.last.welcome({ expires_at: Date.now() / 1000 + 8 });
    await vi.advanceTimersByTimeAsync(4000);
    expect(token).toHaveBeenLastCalledWith('expiring', 'token-1');
    expect(socket.of('hello')).toHaveLength(1);
    token.mockReturnValue('token-2');
    await vi.advanceTimersByTimeAsync(2000);
    expect(socket.lastOf('hello').token).toBe('token-2');
    // The next renewal is of that one.
    socket.welcome({ expires_at: Date.now() / 1000 + 8 });
    await vi.advanceTimersByTimeAsync(4000);
    expect(token).toHaveBeenLastCalledWith('expiring', 'token-2');
  });

  it('pings in silence, and takes longer silence for death', async () => {
    const { client } = makeClient();
    const socket = await connected(client);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(socket.of('ping')).toHaveLength(1);
    socket.say({ type: 'pong', request: 1 });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(socket.of('ping')).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.status.state).toBe('waiting');
    expect(socket.readyState).toBe(3);
  });

  it('moves to another gateway when told to, after the delay that it was told', async () => {
    const { client } = makeClient();
    const socket = await connected(client);
    socket.say({ type: 'drain', delay_ms: 700 });
    expect(client.status.state).toBe('open');
    await vi.advanceTimersByTimeAsync(699);
    expect(FakeSocket.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeSocket.all).toHaveLength(2);
    expect(socket.readyState).toBe(3);
  });

  it('tries at once when woken while it waits', async () => {
    const { client } = makeClient();
    (await connected(client)).drop();
    client.reconnect();
    await settle();
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('gives up on a gateway that never welcomes', async () => {
    const { client } = makeClient();
    client.start();
    await settle();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.status.state).toBe('waiting');
  });

  it('fails what waits for an answer when it is lost', async () => {
    const { client } = makeClient();
    const socket = await connected(client);
    const cancelled = client.cancel(C);
    socket.drop();
    await expect(cancelled).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('is lost when a frame is damaged, and opens again', async () => {
    const { client } = makeClient();
    const socket = await connected(client);
    socket.onmessage?.({ data: '{"type":"ev' });
    expect(client.status.state).toBe('waiting');
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('hears the errors of sockets: those of `ws` would end the process', async () => {
    const { client } = makeClient();
    expect((await connected(client)).onerror).not.toBeNull();
  });

  it('tries again where no socket could be made', async () => {
    let isBroken = true;
    class Breaking extends FakeSocket {
      constructor(url: string) {
        if (isBroken) throw new Error('no network');
        super(url);
      }
    }
    const { client } = makeClient({ WebSocket: Breaking });
    client.start();
    await settle();
    expect(client.status.state).toBe('waiting');
    isBroken = false;
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.welcome();
    expect(client.status.state).toBe('open');
  });

  it.each([
    ['https://example.org', 'wss://example.org/v1/ws'],
    ['https://example.org/chat/', 'wss://example.org/chat/v1/ws'],
    ['http://127.0.0.1:8080', 'ws://127.0.0.1:8080/v1/ws'],
  ])('finds the socket of %s', async (baseUrl, address) => {
    const { client } = makeClient({ baseUrl });
    client.start();
    await settle();
    expect(FakeSocket.last.url).toBe(address);
  });

  it('says so where there is no WebSocket, or no address', () => {
    vi.stubGlobal('WebSocket', undefined);
    const { options } = makeClient();
    const { baseUrl = '', participant, token } = options;
    expect(() => new ConveneClient({ baseUrl, participant, token })).toThrow('no WebSocket');
    expect(() => new ConveneClient({ ...options, baseUrl: '' })).toThrow('baseUrl');
    vi.unstubAllGlobals();
  });

  it('leaves no timer behind, wherever it is stopped', async () => {
    const { client } = makeClient();
    client.start();
    client.open(C);
    client.send(C, 'hi');
    client.stop();
    expect(vi.getTimerCount()).toBe(0);
    const socket = await connected(client);
    client.stop();
    expect(vi.getTimerCount()).toBe(0);
    const other = await connected(client);
    client.open('c2')();
    socket.drop();
    other.say({ type: 'signal', conversation: C, participant: 'user:bob', signal: 'typing' });
    other.say({ type: 'drain', delay_ms: 50 });
    client.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on when a listener fails', async () => {
    const { client } = makeClient({
      schedule: (run) => {
        run();
      },
    });
    const loud = vi.fn();
    const heard = vi.fn();
    vi.stubGlobal('queueMicrotask', loud);
    client.listen(() => {
      throw new Error('not mine');
    });
    client.listen(heard);
    await connected(client);
    expect(client.status.state).toBe('open');
    expect(heard).toHaveBeenCalled();
    expect(loud.mock.calls[0]?.[0]).toThrow('not mine');
    vi.unstubAllGlobals();
  });
});
