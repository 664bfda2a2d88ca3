/** The REST side of the fake gateway: as much of it as the page uses. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Invitation, NewMessage, Participant, ProblemBody } from '@convene/client';
import { textOf } from '@convene/client';
import type { FakeGateway, Person } from './gateway.ts';
import { Log } from './log.ts';

type Answer = readonly [status: number, body?: unknown];
type Fields = Partial<Record<'id' | 'title' | 'agent' | 'name' | 'invite', string>> &
  Partial<Pick<NewMessage, 'parts'>>;

const problem = (status: number, code: ProblemBody['code'], message: string): Answer => [
  status,
  { code, message, retryable: false } satisfies ProblemBody,
];

const GUIDE: Participant = { id: 'agent:guide', name: 'guide', role: 'agent' };

export async function answerRest(
  gateway: FakeGateway,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [status, body] = route(gateway, request, await fieldsOf(request));
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function route(gateway: FakeGateway, request: IncomingMessage, fields: Fields): Answer {
  const url = new URL(request.url ?? '/', 'http://gateway');
  const what = `${request.method ?? ''} ${url.pathname.slice(4)}`;
  if (what === 'POST auth/guest') return guest(gateway, fields.name ?? '');
  const person = gateway.personOf(request.headers.authorization?.replace(/^Bearer /, ''));
  if (!person) return problem(401, 'unauthenticated', 'No good token.');
  switch (what) {
    case 'GET me':
      return [
        200,
        {
          participant: person.id,
          name: person.name,
          role: person.account ?? 'user',
          expires_at: 4e9,
        },
      ];
    case 'GET agents':
      return [200, { agents: AGENTS.map((agent) => agentFor(gateway, person, agent)) }];
    case 'GET conversations':
      return [200, { conversations: mine(gateway, person) }];
    case 'POST conversations':
      return create(gateway, person, fields);
    case 'POST invitation':
      return invitation(gateway, person, fields.invite ?? '');
    case 'POST join':
      return join(gateway, person, fields.invite ?? '');
  }
  const [, id = '', part = '', participant = ''] = what.split(' ')[1]?.split('/') ?? [];
  const log = gateway.logs.get(id);
  if (!log) return problem(404, 'not_found', 'No such thing.');
  switch (`${request.method ?? ''} ${part}`) {
    case 'PATCH ':
      log.append({ type: 'conversation.renamed', by: person.id, title: fields.title ?? '' });
      return [204];
    case 'POST messages':
      return send(gateway, log, person, fields);
    case 'POST invites':
      return [200, { invite: `invite-${id}`, expires_at: Math.floor(Date.now() / 1000) + 86_400 }];
    case 'POST participants':
      log.append({
        type: 'participant.joined',
        participant: { id: fields.id ?? '', name: fields.name ?? '', role: 'operator' },
      });
      return [201, {}];
    case 'DELETE participants':
      log.append({ type: 'participant.left', participant: decodeURIComponent(participant) });
      return [204];
    case 'GET history':
      return history(log, url.searchParams);
    default:
      return problem(404, 'not_found', 'No such endpoint.');
  }
}

function agentFor(gateway: FakeGateway, { account }: Person, agent: (typeof AGENTS)[number]) {
  const trouble = account === 'operator' && !agent.ready ? gateway.trouble : undefined;
  return { ready: !gateway.isLearning, ...agent, ...(trouble ? { trouble } : {}) };
}

const AGENTS = [
  {
    name: 'llm',
    title: 'Parrot',
    description: 'Answers with a language model.',
    model: 'smollm2',
    default: false,
    ready: true,
    suggestions: [],
  },
  {
    name: 'guide',
    title: 'guide',
    description: 'Shows what Convene does, without a model.',
    default: true,
    suggestions: [
      { text: '/help', title: 'Show me around', language: 'en' },
      { text: 'Who is in here?', language: 'en' },
      { text: '/help', title: 'Führe mich herum', language: 'de-DE' },
    ],
  },
];

function guest(gateway: FakeGateway, name: string): Answer {
  if (!gateway.guestsAllowed) return problem(403, 'forbidden', 'Guests are not let in.');
  const token = randomUUID();
  const participant = `user:guest-${token.slice(0, 8)}`;
  gateway.people.set(token, { id: participant, name });
  return [200, { token, participant, name, expires_at: Math.floor(Date.now() / 1000) + 86_400 }];
}

function mine(gateway: FakeGateway, person: Person) {
  return [...gateway.logs.values()]
    .map((log) => log.conversation)
    .filter(({ participants }) => participants.some(({ id }) => id === person.id));
}

function create(
  gateway: FakeGateway,
  person: Person,
  { id = randomUUID(), title }: Fields,
): Answer {
  const known = gateway.logs.get(id);
  if (known) return [200, known.conversation];
  const log = new Log(id, title, [{ id: person.id, name: person.name, role: 'owner' }, GUIDE]);
  gateway.logs.set(id, log);
  return [201, log.conversation];
}

const NO_INVITATION = problem(404, 'not_found', 'This invitation is not good any more.');

function invitation(gateway: FakeGateway, person: Person, invite: string): Answer {
  const log = gateway.logs.get(invite.replace(/^invite-/, ''));
  if (!log) return NO_INVITATION;
  const { id, title, participants } = log.conversation;
  const answer: Invitation = {
    conversation: id,
    title,
    by: participants[0]?.name ?? '',
    participants: participants.length,
    joined: participants.some((one) => one.id === person.id),
    expires_at: Math.floor(Date.now() / 1000) + 86_400,
  };
  return [200, answer];
}

function join(gateway: FakeGateway, person: Person, invite: string): Answer {
  const log = gateway.logs.get(invite.replace(/^invite-/, ''));
  if (!log) return NO_INVITATION;
  if (!log.conversation.participants.some(({ id }) => id === person.id)) {
    log.append({
      type: 'participant.joined',
      participant: { id: person.id, name: person.name, role: 'member' },
    });
  }
  return [200, log.conversation];
}

/** Bytes of text in one message, at most. */
const LONGEST = 32_768;

function send(
  gateway: FakeGateway,
  log: Log,
  person: Person,
  { id = '', parts = [] }: Fields,
): Answer {
  const text = textOf({ parts });
  if (Buffer.byteLength(text) > LONGEST) return problem(413, 'too_large', 'That is too long.');
  const message = { id, author: person.id, parts };
  const { seq } = log.append({ type: 'message.created', message });
  gateway.said.push({ conversation: log.conversation.id, text });
  return [202, { id, seq }];
}

function history(log: Log, query: URLSearchParams): Answer {
  const before = Number(query.get('before') ?? log.events.length + 1);
  const limit = Number(query.get('limit') ?? 50);
  const events = log.events.filter(({ seq }) => seq < before).slice(-limit);
  return [200, { events, head: log.events.length, first: 1 }];
}

async function fieldsOf(request: IncomingMessage): Promise<Fields> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : (JSON.parse(text) as Fields);
}
