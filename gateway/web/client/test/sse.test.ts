import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readEvents } from '../src/sse.ts';
import type { TokenSource } from '../src/wire/connection.ts';

const encoder = new TextEncoder();

/** A body that says all this, and then either ends or is silent. */
function streamOf(chunks: (string | Uint8Array)[], then: 'ends' | 'is silent' = 'ends') {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk);
      }
      if (then === 'ends') controller.close();
    },
  });
}

type Answer = (init: RequestInit) => Response;

/** A server that gives these answers, one a connection. */
function server(...answers: Answer[]) {
  const asked: Headers[] = [];
  const fetch: typeof globalThis.fetch = (_, init = {}) => {
    asked.push(new Headers(init.headers));
    const answer = answers[asked.length - 1];
    return answer ? Promise.resolve(answer(init)) : new Promise(() => undefined);
  };
  return { fetch, asked };
}

const says =
  (...chunks: (string | Uint8Array)[]): Answer =>
  () =>
    new Response(streamOf(chunks));

const refuses =
  (status: number, code: string): Answer =>
  () =>
    Response.json({ code, message: 'No.', retryable: false }, { status });

/** The first `count` frames. */
async function read(
  count: number,
  fetch: typeof globalThis.fetch,
  token: TokenSource = () => 't',
): Promise<unknown[]> {
  const stop = new AbortController();
  const seen: unknown[] = [];
  for await (const frame of readEvents('c', { token, signal: stop.signal, fetch })) {
    seen.push(frame);
    if (seen.length === count) stop.abort();
  }
  return seen;
}

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('server-sent events', () => {
  it('are the same wherever the bytes are cut', async () => {
    const bytes = encoder.encode(
      ': beat\n\nid: p1\nevent: delta\ndata: {"t":"é"}\n\nretry: 5\ndata:[1,\ndata: 2]\n\n',
    );
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const { fetch } = server(says(bytes.slice(0, cut), bytes.slice(cut)));
      expect(await read(2, fetch)).toEqual([{ t: 'é' }, [1, 2]]);
    }
  });

  it('are each there once, wherever the first connection breaks off', async () => {
    const events = [1, 2, 3].map((n) => `id: p${n}\nevent: delta\ndata: {"n":${n},"t":"é"}\n\n`);
    const bytes = encoder.encode(events.join(''));
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const rest: Answer = ({ headers }) => {
        const last = new Headers(headers).get('last-event-id') ?? 'p0';
        return new Response(streamOf(events.slice(Number(last.slice(1)))));
      };
      const { fetch } = server(says(bytes.slice(0, cut)), rest);
      expect(await read(3, fetch)).toEqual([1, 2, 3].map((n) => ({ n, t: 'é' })));
    }
  });

  it('go on over a second connection from the last position', async () => {
    const { fetch, asked } = server(
      says('id: p1\ndata: {"n":1}\n\ndata: {"n":2}\n\nid: p3\ndata: {"n":'),
      says('id: p2\ndata: {"n":3}\n\n'),
    );
    expect(await read(3, fetch)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(asked.map((headers) => headers.get('last-event-id'))).toEqual([null, 'p1']);
  });

  it('go on where the connection broke, and where it could not be had', async () => {
    const { fetch } = server(
      () =>
        new Response(
          new ReadableStream({
            start(controller) {
              controller.error(new TypeError('network error'));
            },
          }),
        ),
      () => new Response('Bad Gateway', { status: 502 }),
      says('data: 1\n\n'),
    );
    expect(await read(1, fetch)).toEqual([1]);
  });

  it('leave a connection that is silent for longer than any heartbeat', async () => {
    vi.useFakeTimers();
    const { fetch, asked } = server(({ signal }) => {
      const body = streamOf(['id: p1\ndata: 1\n\n'], 'is silent');
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      void body.pipeTo(writable, signal ? { signal } : {}).catch(() => undefined);
      return new Response(readable);
    }, says('data: 2\n\n'));
    const reading = read(2, fetch);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await reading).toEqual([1, 2]);
    expect(asked[1]?.get('last-event-id')).toBe('p1');
  });

  it('ask for a fresh token once, and end without one', async () => {
    const reasons: string[] = [];
    const token: TokenSource = (reason) => {
      reasons.push(reason);
      return reason === 'refused' ? 'fresh' : 'old';
    };
    const expired = refuses(401, 'token_expired');
    const { fetch, asked } = server(expired, says('data: 1\n\n'), expired, expired);
    expect(await read(1, fetch, token)).toEqual([1]);
    expect(asked.map((headers) => headers.get('authorization'))).toEqual([
      'Bearer old',
      'Bearer fresh',
    ]);
    const twice = server(expired, expired);
    await expect(read(1, twice.fetch, token)).rejects.toMatchObject({ code: 'token_expired' });
    await expect(read(1, fetch, () => undefined)).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  it('end with the frame that says that there will be no more', async () => {
    const ended = (retryable: boolean) =>
      says(`event: ended\ndata: {"type":"ended","retryable":${String(retryable)}}\n\n`);
    const { fetch, asked } = server(ended(true), ended(false));
    expect(await read(3, fetch)).toHaveLength(2);
    expect(asked).toHaveLength(2);
  });

  it('end where the server refuses for good', async () => {
    const { fetch } = server(refuses(404, 'not_found'));
    await expect(read(1, fetch)).rejects.toMatchObject({ code: 'not_found' });
  });
});
