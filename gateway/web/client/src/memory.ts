/**
 * Keeps each conversation's view and position over a reload. Both are written as one record, so
 * that what is shown and where the server goes on always belong together.
 */
import { recordOf, viewOfRecord } from './fold/window.ts';
import type { ViewRecord } from './fold/window.ts';
import type { View } from './fold/view.ts';
import type { SafeStorage } from './storage.ts';

export interface Remembered {
  readonly position: string;
  readonly view: View;
}

/** Raised when the record's shape changes: older ones are then ignored. */
const VERSION = 1;
/** Events kept of one conversation; the rest is read from the server when scrolled to. */
const EVENTS_KEPT = 200;

interface StoredRecord extends ViewRecord {
  version: number;
  position: string;
}

export class Memory {
  readonly #storage: SafeStorage;

  constructor(storage: SafeStorage) {
    this.#storage = storage;
  }

  recall(conversation: string): Remembered | undefined {
    const record = this.#storage.read(conversation) as StoredRecord | undefined;
    if (record?.version !== VERSION) return undefined;
    try {
      return { position: record.position, view: viewOfRecord(record) };
    } catch {
      return undefined;
    }
  }

  keep(conversation: string, { position, view }: Remembered): void {
    for (const limit of [EVENTS_KEPT, EVENTS_KEPT / 10]) {
      const record: StoredRecord = { version: VERSION, position, ...recordOf(view, limit) };
      if (this.#storage.write(conversation, record)) return;
      this.#makeRoom(conversation);
    }
    this.#storage.remove(conversation);
  }

  forget(conversation: string): void {
    this.#storage.remove(conversation);
  }

  #makeRoom(conversation: string): void {
    for (const name of this.#storage.names()) {
      if (name !== conversation) this.#storage.remove(name);
    }
  }
}
