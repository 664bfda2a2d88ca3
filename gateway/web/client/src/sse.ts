/** Server-sent events over fetch: for where a socket cannot be had. Reading only. */
import { ProblemError, isProblemBody } from './problem.ts';
import type { ServerFrame } from './types.ts';
import { backoff } from './wire/backoff.ts';

export interface ReadEventsOptions {
  /** Where the gateway is; empty: where the page came from. */
  readonly baseUrl?: string;
  readonly token: string;
  /** The last position taken in, to go on from there. */
  readonly after?: string;
  readonly signal?: AbortSignal;
  readonly fetch?: typeof fetch;
}

const RETRY = { base: 500, cap: 20_000 };

/**
 * The frames of one conversation, over as many connections as it takes.
 *
 * @throws ProblemError where the server refuses for good.
 */
export async function* readEvents(
  conversation: string,
  options: ReadEventsOptions,
): AsyncGenerator<ServerFrame> {
  const { signal } = options;
  let position = options.after;
  for (let attempt = 0; signal?.aborted !== true; attempt += 1) {
    const body = await connect(conversation, position, options).catch(giveUpIfFinal);
    if (body) {
      for await (const { id, data } of parseEvents(body)) {
        attempt = 0;
        if (id !== undefined) position = id;
        yield JSON.parse(data) as ServerFrame;
      }
    }
    await pause(backoff(attempt, RETRY), signal);
  }
}

interface SseEvent {
  readonly id: string | undefined;
  readonly data: string;
}

/** Splits a stream of bytes into events. Comments and other fields are passed over. */
export async function* parseEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<SseEvent> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      const blocks = rest.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = parseBlock(block);
        if (event) yield event;
      }
    }
  } catch {
    // The connection broke off: the caller connects again.
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

function parseBlock(block: string): SseEvent | undefined {
  let id: string | undefined;
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, '');
    const field = line.slice(0, colon);
    if (field === 'id') id = value;
    if (field === 'data') data.push(value);
  }
  return data.length === 0 ? undefined : { id, data: data.join('\n') };
}

async function connect(
  conversation: string,
  position: string | undefined,
  options: ReadEventsOptions,
): Promise<ReadableStream<Uint8Array> | null> {
  const headers = new Headers({
    accept: 'text/event-stream',
    authorization: `Bearer ${options.token}`,
  });
  if (position !== undefined) headers.set('last-event-id', position);
  const fetcher = options.fetch ?? globalThis.fetch.bind(globalThis);
  const url = `${options.baseUrl ?? ''}/v1/conversations/${encodeURIComponent(conversation)}/events`;
  const response = await fetcher(url, { headers, signal: options.signal ?? null });
  if (response.ok) return response.body;
  const body: unknown = await response.json().catch(() => undefined);
  if (isProblemBody(body)) throw new ProblemError(body);
  return null;
}

function giveUpIfFinal(problem: unknown): null {
  if (problem instanceof ProblemError && !problem.retryable) throw problem;
  return null;
}

function pause(delay: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, delay);
    signal?.addEventListener('abort', over);
  });
}
