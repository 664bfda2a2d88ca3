/**
 * A gateway without a cluster behind it: it serves the built page under the real policy, speaks the
 * wire, and does on command what a real one does only by accident.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Account, ClientFrame, NewAct, ProblemBody, ServerFrame } from '@convene/client';
import { textOf } from '@convene/client';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Log } from './log.ts';
import type { Listener } from './log.ts';
import { servePage } from './page.ts';
import { answerRest } from './rest.ts';

export interface Person {
  readonly id: string;
  readonly name: string;
  /** Absent: a user. */
  readonly account?: Account;
}

export class FakeGateway {
  readonly logs = new Map<string, Log>();
  readonly people = new Map<string, Person>();
  /** What people said, in the order of arrival; the test answers in the agent's stead. */
  readonly said: { conversation: string; text: string }[] = [];
  readonly cancelled: string[] = [];
  readonly acts: NewAct[] = [];
  /** Why the next press is refused. */
  refuseAct: ProblemBody | undefined;
  guestsAllowed = true;
  /** Whether the guide is not ready yet. */
  isLearning = false;
  /** What keeps it from that, as staff are told. */
  trouble: string | undefined;
  /** Whether REST requests are cut off without an answer. */
  isSilent = false;
  /** How many messages to refuse as `unavailable` before one is accepted. */
  refusals = 0;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  #refusingSockets = false;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response);
    });
    this.#server.on('upgrade', (request, socket, head) => {
      if (this.#refusingSockets) {
        socket.destroy();
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (client) => {
        new Session(this, client);
      });
    });
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.drop();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Cuts every socket; with `stayAway`, until `comeBack`. */
  drop({ stayAway = false } = {}): void {
    this.#refusingSockets = stayAway;
    for (const client of this.#sockets.clients) client.terminate();
  }

  comeBack(): void {
    this.#refusingSockets = false;
  }

  log(id: string): Log {
    const log = this.logs.get(id);
    if (!log) throw new Error(`no conversation ${id}`);
    return log;
  }

  personOf(token: string | undefined): Person | undefined {
    return token === undefined ? undefined : this.people.get(token);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://gateway');
    if (this.isSilent && pathname.startsWith('/v1/')) response.destroy();
    else if (pathname.startsWith('/v1/')) await answerRest(this, request, response);
    else await servePage(pathname, response);
  }
}

/** One socket. */
class Session {
  readonly #gateway: FakeGateway;
  readonly #socket: WebSocket;
  readonly #listener: Listener;
  #person: Person | undefined;

  constructor(gateway: FakeGateway, socket: WebSocket) {
    this.#gateway = gateway;
    this.#socket = socket;
    this.#listener = (frame) => {
      this.#say(frame);
    };
    socket.on('message', (data: Buffer) => {
      this.#take(JSON.parse(data.toString()) as ClientFrame);
    });
    socket.on('close', () => {
      for (const log of gateway.logs.values()) {
        if (log.listeners.has(this.#listener)) log.close(this.#listener);
      }
    });
  }

  #take(frame: ClientFrame): void {
    if (frame.type === 'hello') {
      this.#hello(frame.token);
      return;
    }
    if (frame.type === 'ping') {
      this.#say({ type: 'pong', request: frame.request });
      return;
    }
    const log = this.#gateway.logs.get(frame.conversation);
    const person = this.#person;
    const isIn = log?.conversation.participants.some(({ id }) => id === person?.id);
    if (!log || !person || !isIn) {
      const request = 'request' in frame ? frame.request : null;
      const message = 'No such conversation.';
      this.#say({ type: 'error', request, code: 'not_found', message, retryable: false });
      return;
    }
    this.#act(frame, log, person);
  }

  #act(frame: Exclude<ClientFrame, { type: 'hello' | 'ping' }>, log: Log, person: Person): void {
    const { conversation } = frame;
    switch (frame.type) {
      case 'subscribe':
        log.open(frame.request, frame.after, person.id, this.#listener);
        break;
      case 'unsubscribe':
        log.close(this.#listener);
        this.#say({ type: 'accepted', request: frame.request, conversation });
        break;
      case 'send':
        this.#send(frame, log, person);
        break;
      case 'act':
        this.#press(frame, log, person);
        break;
      case 'cancel':
        this.#gateway.cancelled.push(frame.run ?? '');
        this.#say({ type: 'accepted', request: frame.request, conversation });
        break;
      case 'typing':
        log.signal(person.id, { signal: 'typing' });
        break;
      case 'read':
        log.signal(person.id, { signal: 'read', seq: frame.seq });
        break;
    }
  }

  #send(frame: Extract<ClientFrame, { type: 'send' }>, log: Log, person: Person): void {
    const { request, conversation, message } = frame;
    if (this.#gateway.refusals > 0) {
      this.#gateway.refusals -= 1;
      const words = 'A part that this needs is away.';
      this.#say({ type: 'error', request, code: 'unavailable', message: words, retryable: true });
      return;
    }
    const known = log.events.find(
      (event) => event.type === 'message.created' && event.message.id === message.id,
    );
    const { seq } =
      known ??
      log.append({
        type: 'message.created',
        message: { id: message.id, author: person.id, parts: message.parts },
      });
    if (!known) {
      this.#gateway.said.push({ conversation, text: textOf(message) });
    }
    this.#say({ type: 'accepted', request, conversation, seq });
  }

  /** Judges nothing but what the test has set as refusal. */
  #press(frame: Extract<ClientFrame, { type: 'act' }>, log: Log, person: Person): void {
    const { request, conversation, act } = frame;
    this.#gateway.acts.push(act);
    const refusal = this.#gateway.refuseAct;
    if (refusal) {
      this.#gateway.refuseAct = undefined;
      this.#say({ type: 'error', request, ...refusal });
      return;
    }
    const { seq } = log.press(act, person.id);
    this.#say({ type: 'accepted', request, conversation, seq });
  }

  #hello(token: string): void {
    const person = this.#gateway.personOf(token);
    if (!person) {
      this.#socket.close(4501, 'no such token');
      return;
    }
    this.#person = person;
    const { id: participant, name } = person;
    this.#say({ type: 'welcome', participant, name, heartbeat_ms: 20_000, expires_at: null });
  }

  #say(frame: ServerFrame): void {
    this.#socket.send(JSON.stringify(frame));
  }
}
