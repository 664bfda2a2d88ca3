/** As much of a `WebSocket` as is used here. The browser's is one, and so is that of `ws`. */
export interface Socket {
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(): void;
}

export type SocketMaker = new (url: string) => Socket;

/** The one given, or the platform's own. */
export function socketMaker(given: SocketMaker | undefined): SocketMaker {
  const maker = given ?? (globalThis as { WebSocket?: SocketMaker }).WebSocket;
  if (!maker) throw new TypeError('there is no WebSocket here: give one in the options');
  return maker;
}
