/** A WebSocket whose server is the test. */
import type { ClientFrame, ServerFrame } from '../src/types.ts';

type Sent<T extends ClientFrame['type']> = Extract<ClientFrame, { type: T }>;

export class FakeSocket {
  static all: FakeSocket[] = [];

  /** The socket opened last. */
  static get last(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (!socket) throw new Error('no socket was opened');
    return socket;
  }

  readonly sent: ClientFrame[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;

  readonly url: string;

  constructor(url: string) {
    this.url = url;
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientFrame);
  }

  close(): void {
    this.readyState = 3;
  }

  /** Opens, and welcomes the client. */
  welcome(change: { expires_at?: number } = {}): this {
    this.readyState = 1;
    this.onopen?.();
    this.say({
      type: 'welcome',
      participant: 'user:ada',
      name: 'Ada',
      heartbeat_ms: 20_000,
      ...change,
    });
    return this;
  }

  say(...frames: ServerFrame[]): void {
    for (const frame of frames) this.onmessage?.({ data: JSON.stringify(frame) });
  }

  drop(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  of<T extends ClientFrame['type']>(type: T): Sent<T>[] {
    return this.sent.filter((frame): frame is Sent<T> => frame.type === type);
  }

  /** The last frame of this type that the client sent. */
  lastOf<T extends ClientFrame['type']>(type: T): Sent<T> {
    const frame = this.of(type).at(-1);
    if (!frame) throw new Error(`no ${type} was sent`);
    return frame;
  }
}

export class FakeStorage {
  readonly entries = new Map<string, string>();
  /** Longer values are refused, as a full storage does. */
  limit = Infinity;

  get length(): number {
    return this.entries.size;
  }

  key(index: number): string | null {
    return [...this.entries.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.entries.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (value.length > this.limit) throw new Error('QuotaExceededError');
    this.entries.set(key, value);
  }

  removeItem(key: string): void {
    this.entries.delete(key);
  }
}
