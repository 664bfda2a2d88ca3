/** How far each conversation was read on this device: what came since is marked in the list. */
import { useSyncExternalStore } from 'react';
import { browserStorage } from '../../../session/session.ts';

const listeners = new Set<() => void>();

const keyOf = (participant: string) => `convene:read:${participant}`;

export function useReadMarks(participant: string): Readonly<Record<string, number>> {
  const text = useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      window.addEventListener('storage', changed);
      return () => {
        listeners.delete(changed);
        window.removeEventListener('storage', changed);
      };
    },
    () => browserStorage('local')?.getItem(keyOf(participant)) ?? '{}',
  );
  return parse(text);
}

export function markRead(participant: string, conversation: string, seq: number): void {
  const storage = browserStorage('local');
  const marks = parse(storage?.getItem(keyOf(participant)) ?? '{}');
  if ((marks[conversation] ?? 0) >= seq) return;
  try {
    storage?.setItem(keyOf(participant), JSON.stringify({ ...marks, [conversation]: seq }));
  } catch {
    // A full storage costs no more than the marks.
  }
  for (const listener of listeners) listener();
}

function parse(text: string): Record<string, number> {
  try {
    return JSON.parse(text) as Record<string, number>;
  } catch {
    return {};
  }
}
