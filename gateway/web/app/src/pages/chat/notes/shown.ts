/** Whether staff see what was understood. Remembered on this device, and shared by its tabs. */
import { useSyncExternalStore } from 'react';
import { useLive } from '../../../live/client.ts';
import { browserStorage, isStaff } from '../../../session/session.ts';

const KEY = 'convene.notes';
const listeners = new Set<() => void>();
/** Where there is no storage, the page alone remembers. */
let unstored = false;

/** Never for others than staff. */
export function useNotesShown(): boolean {
  const { session } = useLive();
  const isOn = useSyncExternalStore(listen, read);
  return isOn && isStaff(session);
}

export function showNotes(isOn: boolean): void {
  unstored = isOn;
  try {
    if (isOn) browserStorage('local')?.setItem(KEY, 'shown');
    else browserStorage('local')?.removeItem(KEY);
  } catch {
    // A full storage costs no more than the memory of it.
  }
  for (const listener of listeners) listener();
}

function read(): boolean {
  const storage = browserStorage('local');
  return storage ? storage.getItem(KEY) === 'shown' : unstored;
}

function listen(changed: () => void): () => void {
  listeners.add(changed);
  window.addEventListener('storage', changed);
  return () => {
    listeners.delete(changed);
    window.removeEventListener('storage', changed);
  };
}
