/** Which page the address names. The fragment holds it, so that any static server can serve it. */
import { useSyncExternalStore } from 'react';

export type Route =
  | { readonly page: 'list' }
  | { readonly page: 'new' }
  | { readonly page: 'conversation'; readonly id: string }
  /** An invitation: its secret stays in the fragment, which browsers do not send. */
  | {
      readonly page: 'join';
      readonly invite: string;
      /** They have said that they come: at the door, where one gives a name to join. */
      readonly agreed: boolean;
    };

/** What is kept beside an address in the history, where no link can put anything. */
interface Beside {
  readonly agreed?: boolean;
}

/** Reads a location's fragment; what it does not know leads to the list. */
export function parseRoute(fragment: string, beside: Beside | null = null): Route {
  const text = fragment.replace(/^#/, '');
  if (text.startsWith('join=')) {
    return { page: 'join', invite: decode(text.slice(5)), agreed: beside?.agreed === true };
  }
  const [, page = '', id = ''] = text.split('/');
  if (page === 'new') return { page: 'new' };
  if (page === 'c' && id !== '') return { page: 'conversation', id: decode(id) };
  return { page: 'list' };
}

type Address =
  Exclude<Route, { page: 'join' }> | { readonly page: 'join'; readonly invite: string };

export function hrefOf(route: Address): string {
  switch (route.page) {
    case 'list':
      return '#/';
    case 'new':
      return '#/new';
    case 'conversation':
      return `#/c/${encodeURIComponent(route.id)}`;
    case 'join':
      return `#join=${encodeURIComponent(route.invite)}`;
  }
}

/** Goes to a route; with `replace`, going back does not lead here again. */
export function navigate(route: Route, { replace = false } = {}): void {
  if (!replace) {
    window.location.hash = hrefOf(route);
    return;
  }
  const beside: Beside | null = route.page === 'join' ? { agreed: route.agreed } : null;
  window.history.replaceState(beside, '', hrefOf(route));
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}

export function useRoute(): Route {
  const fragment = useSyncExternalStore(listen, () => window.location.hash);
  return parseRoute(fragment, window.history.state as Beside | null);
}

function listen(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => {
    window.removeEventListener('hashchange', changed);
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
