/** Whether there is room for one thing at a time only: the width at which the styles change, too. */
import { useSyncExternalStore } from 'react';

const QUERY = '(max-width: 48rem)';

export function useIsNarrow(): boolean {
  return useSyncExternalStore(listen, () => window.matchMedia(QUERY).matches);
}

function listen(changed: () => void): () => void {
  const query = window.matchMedia(QUERY);
  query.addEventListener('change', changed);
  return () => {
    query.removeEventListener('change', changed);
  };
}
