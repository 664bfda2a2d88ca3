import { describe, expect, it, vi } from 'vitest';
import { parseEvents, readEvents } from '../src/sse.ts';

function streamOf(...chunks: (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk);
      }
      controller.close();
    },
  });
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of source) found.push(item);
  return found;
}

describe('server-sent events', () => {
  it('are the same wherever the bytes are cut', async () => {
    const bytes = new TextEncoder().encode(
      ': beat\n\nid: p1\nevent: delta\ndata: {"t":"é"}\n\nretry: 5\ndata:x\ndata: y\n\n',
    );
    const expected = [
      { id: 'p1', data: '{"t":"é"}' },
      { id: undefined, data: 'x\ny' },
    ];
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const parts = streamOf(bytes.slice(0, cut), bytes.slice(cut));
      expect(await all(parseEvents(parts))).toEqual(expected);
    }
  });

  it('go on over a second connection from the last position', async () => {
    const stop = new AbortController();
    const fetch = vi
      .fn<typeof globalThis.fetch>()
      .mockImplementationOnce(() =>
        Promise.resolve(new Response(streamOf('id: p1\ndata: {"n":1}\n\n'))),
      )
      .mockImplementationOnce(() =>
        Promise.resolve(new Response(streamOf('id: p2\ndata: {"n":2}\n\n'))),
      );
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const seen: unknown[] = [];
    for await (const frame of readEvents('c', { token: 't', signal: stop.signal, fetch })) {
      seen.push(frame);
      if (seen.length === 2) stop.abort();
    }
    expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
    const headers = fetch.mock.calls.map(([, init]) =>
      new Headers(init?.headers).get('last-event-id'),
    );
    expect(headers).toEqual([null, 'p1']);
  });

  it('end where the server refuses for good', async () => {
    const problem = { code: 'not_found', message: 'No such thing.', retryable: false };
    const fetch = () => Promise.resolve(Response.json(problem, { status: 404 }));
    await expect(readEvents('c', { token: 't', fetch }).next()).rejects.toMatchObject(problem);
  });
});
