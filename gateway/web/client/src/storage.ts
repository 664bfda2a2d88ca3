/** Storage that may be missing, full or switched off, and never throws. */

/** What the client needs of `localStorage`, `sessionStorage`, or whatever else keeps text. */
export interface KeyValue {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export class SafeStorage {
  readonly #inner: KeyValue | undefined;
  readonly #prefix: string;

  constructor(inner: KeyValue | undefined, prefix: string) {
    this.#inner = inner;
    this.#prefix = prefix;
  }

  /** The value under `name`, if it is there and is JSON. */
  read(name: string): unknown {
    try {
      const text = this.#inner?.getItem(this.#prefix + name);
      return text ? JSON.parse(text) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Whether it was stored. */
  write(name: string, value: unknown): boolean {
    if (!this.#inner) return false;
    try {
      this.#inner.setItem(this.#prefix + name, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  remove(name: string): void {
    try {
      this.#inner?.removeItem(this.#prefix + name);
    } catch {
      // Nothing is there to remove.
    }
  }

  /** The names stored under the prefix. */
  names(): string[] {
    const found: string[] = [];
    try {
      for (let index = 0; index < (this.#inner?.length ?? 0); index += 1) {
        const key = this.#inner?.key(index);
        if (key?.startsWith(this.#prefix)) found.push(key.slice(this.#prefix.length));
      }
    } catch {
      // Switched off in mid-way: what was found is good.
    }
    return found;
  }

  clear(): void {
    for (const name of this.names()) this.remove(name);
  }
}
