/** Text that was begun and not sent, kept over a reload of the page. */
import { useCallback, useState } from 'react';
import { browserStorage } from '../../../session/session.ts';

export function useDraft(key: string): [string, (text: string) => void] {
  const name = `convene:draft:${key}`;
  const [text, setText] = useState(() => browserStorage('session')?.getItem(name) ?? '');

  const set = useCallback(
    (fresh: string) => {
      setText(fresh);
      try {
        if (fresh === '') browserStorage('session')?.removeItem(name);
        else browserStorage('session')?.setItem(name, fresh);
      } catch {
        // A full storage costs the draft only if the page is reloaded.
      }
    },
    [name],
  );
  return [text, set];
}
