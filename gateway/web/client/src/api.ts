/** The REST side of the gateway, typed. */
import { ProblemError, isProblemBody, unreachable } from './problem.ts';
import type {
  Agent,
  Conversation,
  Conversations,
  Guest,
  History,
  Invitation,
  Invite,
  Me,
  NewAct,
  NewConversation,
  NewMessage,
  NewParticipant,
  Sent,
} from './types.ts';
import { restUrl } from './wire/address.ts';
import type { TokenSource } from './wire/connection.ts';

export interface ApiOptions {
  /** Where the gateway is; empty: where the page came from. */
  readonly baseUrl: string;
  readonly token?: TokenSource;
  readonly fetch?: typeof fetch;
}

const PATIENCE_MS = 15_000;

export class Api {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** A token for somebody who has none. Refused with `forbidden` where guests are switched off. */
  guest(name: string): Promise<Guest> {
    return this.#call('POST', '/v1/auth/guest', { name });
  }

  /** A fresh token for the guest whose token this is, while it is good; see `guestTokens`. */
  renew(): Promise<Guest> {
    return this.#call('POST', '/v1/auth/renew');
  }

  me(): Promise<Me> {
    return this.#call('GET', '/v1/me');
  }

  async agents(): Promise<Agent[]> {
    const { agents } = await this.#call<{ agents: Agent[] }>('GET', '/v1/agents');
    return agents;
  }

  /** `after`: the `next` of the page before. */
  conversations(after?: string): Promise<Conversations> {
    const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`;
    return this.#call('GET', `/v1/conversations${query}`);
  }

  create(conversation: NewConversation = {}): Promise<Conversation> {
    return this.#call('POST', '/v1/conversations', conversation);
  }

  conversation(id: string): Promise<Conversation> {
    return this.#call('GET', path(id));
  }

  rename(id: string, title: string): Promise<unknown> {
    return this.#call('PATCH', path(id), { title });
  }

  addParticipant(id: string, person: NewParticipant): Promise<unknown> {
    return this.#call('POST', `${path(id)}/participants`, person);
  }

  removeParticipant(id: string, participant: string): Promise<unknown> {
    return this.#call('DELETE', `${path(id)}/participants/${encodeURIComponent(participant)}`);
  }

  invite(id: string): Promise<Invite> {
    return this.#call('POST', `${path(id)}/invites`);
  }

  /** What it invites to; changes nothing. */
  invitation(invite: string): Promise<Invitation> {
    return this.#call('POST', '/v1/invitation', { invite });
  }

  join(invite: string): Promise<Conversation> {
    return this.#call('POST', '/v1/join', { invite });
  }

  /** Events before `before`, oldest first, at most `limit`. */
  history(id: string, before: number, limit: number): Promise<History> {
    return this.#call('GET', `${path(id)}/history?before=${before}&limit=${limit}`);
  }

  /** Says something. Saying it again under the same id changes nothing. */
  send(id: string, message: NewMessage, traceparent?: string): Promise<Sent> {
    const extra = traceparent === undefined ? undefined : { traceparent };
    return this.#call('POST', `${path(id)}/messages`, message, extra);
  }

  /** Presses or submits what a message offers. Doing it again under the same id changes nothing. */
  act(id: string, act: NewAct): Promise<Sent> {
    return this.#call('POST', `${path(id)}/acts`, act);
  }

  /** Stops `run`, or whichever is under way. */
  cancel(id: string, run?: string): Promise<unknown> {
    return this.#call('POST', `${path(id)}/cancel`, run === undefined ? {} : { run });
  }

  typing(id: string): Promise<unknown> {
    return this.#call('POST', `${path(id)}/typing`);
  }

  /** The person has read up to the event `seq`. */
  read(id: string, seq: number): Promise<unknown> {
    return this.#call('POST', `${path(id)}/read`, { seq });
  }

  async #call<T>(
    method: string,
    route: string,
    body?: unknown,
    extra: Record<string, string> = {},
  ): Promise<T> {
    const { token } = this.#options;
    const ask = async (given: string | undefined) => {
      const headers = new Headers({ accept: 'application/json', ...extra });
      return this.#request(method, route, body, headers, given);
    };
    const first = await token?.('connect');
    const response = await ask(first);
    if (response.status !== 401 || !token) return read<T>(response);
    const fresh = await token('refused', first);
    return read<T>(fresh === undefined ? response : await ask(fresh));
  }

  async #request(
    method: string,
    route: string,
    body: unknown,
    headers: Headers,
    token: string | undefined,
  ): Promise<Response> {
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    if (body !== undefined) headers.set('content-type', 'application/json');
    const fetcher = this.#options.fetch ?? globalThis.fetch.bind(globalThis);
    try {
      return await fetcher(restUrl(this.#options.baseUrl, route), {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch {
      throw unreachable('The server cannot be reached. Check the connection and try again.');
    }
  }
}

function path(conversation: string): string {
  return `/v1/conversations/${encodeURIComponent(conversation)}`;
}

async function read<T>(response: Response): Promise<T> {
  const text = await response.text().catch(() => {
    throw unreachable('The connection was lost before the answer was whole.');
  });
  const body: unknown = text === '' ? undefined : parsed(text);
  if (response.ok) return body as T;
  if (isProblemBody(body)) throw new ProblemError(body);
  throw new ProblemError({
    code: response.status === 404 ? 'not_found' : 'internal',
    message: `The server answered with status ${response.status}.`,
    retryable: response.status >= 500,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
