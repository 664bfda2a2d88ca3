/** Server-sent events over fetch: for where a socket cannot be had. Reading only. */
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { ProblemError, isProblemBody } from './problem.ts';
import type { ServerFrame } from './types.ts';
import { backoff } from './wire/backoff.ts';
import { restUrl } from './wire/address.ts';
import type { TokenReason, TokenSource } from './wire/connection.ts';

export interface ReadEventsOptions {
  /** Where the gateway is; empty: where the page came from. */
  readonly baseUrl?: string;
  readonly token: TokenSource;
  /** The last position taken in, to go on from there. */
  readonly after?: string;
  readonly signal?: AbortSignal;
  readonly fetch?: typeof fetch;
}

const RETRY = { base: 500, cap: 20_000 };
/** The gateway sends at least a comment every 15 s: a longer silence is a dead connection. */
const SILENCE_MS = 40_000;

/**
 * The frames of one conversation, over as many connections as it takes; the last is `ended`, where
 * the server says that there will be no more.
 *
 * @throws ProblemError where the server refuses for good, or there is no token any more.
 */
export async function* readEvents(
  conversation: string,
  options: ReadEventsOptions,
): AsyncGenerator<ServerFrame> {
  const { signal } = options;
  let position = options.after;
  let reason: TokenReason = 'connect';
  let token: string | undefined;
  for (let attempt = 0; signal?.aborted !== true; attempt += 1) {
    const watch = new Watch(signal);
    let range = RETRY;
    try {
      token = await tokenOf(options, reason, token);
      const body = await connect(conversation, position, token, watch, options);
      reason = 'connect';
      const onRetry = (base: number) => (range = { ...RETRY, base });
      for await (const { id, data } of parseEvents(body, watch, onRetry)) {
        const frame = JSON.parse(data) as ServerFrame;
        if (frame.type !== 'ended') attempt = 0;
        if (id !== undefined) position = id;
        yield frame;
        if (frame.type === 'ended' && !frame.retryable) return;
      }
    } catch (problem) {
      const isToken = problem instanceof ProblemError && TOKEN_PROBLEMS.has(problem.code);
      if (problem instanceof ProblemError && !problem.retryable) {
        if (!isToken || reason === 'refused') throw problem;
        reason = 'refused';
        continue;
      }
      // The connection broke off, or something is away: connect again.
    } finally {
      watch.end();
    }
    await pause(backoff(attempt, range), signal);
  }
}

const TOKEN_PROBLEMS: ReadonlySet<string> = new Set(['unauthenticated', 'token_expired']);

/** Aborts a connection that is silent for too long, or no longer wanted. */
class Watch {
  readonly signal: AbortSignal;
  readonly #abort = new AbortController();
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(wanted: AbortSignal | undefined) {
    const { signal } = this.#abort;
    this.signal = wanted ? AbortSignal.any([wanted, signal]) : signal;
    this.heard();
  }

  heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#abort.abort();
    }, SILENCE_MS);
  }

  end(): void {
    clearTimeout(this.#silence);
    this.#abort.abort();
  }
}

interface SseEvent {
  readonly id?: string | undefined;
  readonly data: string;
}

async function* parseEvents(
  body: ReadableStream<BufferSource>,
  watch: Watch,
  onRetry: (ms: number) => void,
): AsyncGenerator<SseEvent> {
  const heard = new TransformStream<BufferSource, BufferSource>({
    transform(chunk, controller) {
      watch.heard();
      controller.enqueue(chunk);
    },
  });
  const reader = body
    .pipeThrough(heard)
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream({ onRetry }))
    .getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

async function tokenOf(
  { token }: ReadEventsOptions,
  reason: TokenReason,
  old: string | undefined,
): Promise<string> {
  const given = await token(reason, reason === 'refused' ? old : undefined);
  if (given !== undefined) return given;
  const message = 'There is no token: sign in again.';
  throw new ProblemError({ code: 'unauthenticated', message, retryable: false });
}

async function connect(
  conversation: string,
  position: string | undefined,
  token: string,
  { signal }: Watch,
  options: ReadEventsOptions,
): Promise<ReadableStream<BufferSource>> {
  const headers = new Headers({ accept: 'text/event-stream', authorization: `Bearer ${token}` });
  if (position !== undefined) headers.set('last-event-id', position);
  const fetcher = options.fetch ?? globalThis.fetch.bind(globalThis);
  const route = `/v1/conversations/${encodeURIComponent(conversation)}/events`;
  const response = await fetcher(restUrl(options.baseUrl ?? '', route), { headers, signal });
  if (response.ok && response.body) return response.body;
  const body: unknown = await response.json().catch(() => undefined);
  throw isProblemBody(body) ? new ProblemError(body) : new Error(`status ${response.status}`);
}

function pause(delay: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const over = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, delay);
    signal?.addEventListener('abort', over);
  });
}
