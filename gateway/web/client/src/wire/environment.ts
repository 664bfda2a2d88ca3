/** What the browser says of the network and the page. Silent where there is no browser. */

export interface EnvironmentHooks {
  /** The network is back, or the page is in sight again: find out at once how things stand. */
  wake(): void;
  /** The page may not live much longer: put away what must survive. */
  hide(): void;
}

/** Listens until the returned function is called. */
export function watchEnvironment(hooks: EnvironmentHooks): () => void {
  if (typeof window === 'undefined' || typeof document === 'undefined') return () => undefined;
  const stop = new AbortController();
  const { signal } = stop;
  const wake = () => {
    hooks.wake();
  };
  window.addEventListener('online', wake, { signal });
  window.addEventListener('offline', wake, { signal });
  window.addEventListener('pageshow', wake, { signal });
  window.addEventListener(
    'pagehide',
    () => {
      hooks.hide();
    },
    { signal },
  );
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'hidden') hooks.hide();
      else hooks.wake();
    },
    { signal },
  );
  return () => {
    stop.abort();
  };
}
