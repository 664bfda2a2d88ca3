/** A client on fake sockets and fake storage, under fake time. */
import { vi } from 'vitest';
import { ConveneClient } from '../src/client.ts';
import type { ClientOptions } from '../src/client.ts';
import { textOf } from '../src/fold/view.ts';
import { FakeSocket, FakeStorage } from './fake-socket.ts';

export const C = 'c1';

export function makeClient(change: Partial<ClientOptions> = {}) {
  const viewStorage = new FakeStorage();
  const outboxStorage = new FakeStorage();
  const token = vi.fn<ClientOptions['token']>(() => 'token-1');
  const options: ClientOptions = {
    baseUrl: 'http://gateway.test',
    participant: 'user:ada',
    token,
    viewStorage,
    outboxStorage,
    WebSocket: FakeSocket,
    ...change,
  };
  return { client: new ConveneClient(options), options, viewStorage, outboxStorage, token };
}

/** Lets promises run that wait for nothing but each other. */
export const settle = () => vi.advanceTimersByTimeAsync(0);

/** Starts the client and welcomes it. */
export async function connected(client: ConveneClient): Promise<FakeSocket> {
  client.start();
  await settle();
  return FakeSocket.last.welcome();
}

export function texts(client: ConveneClient): string[] {
  const items = client.state(C).view?.timeline.items ?? [];
  return items.filter((item) => item.kind === 'message').map(textOf);
}
