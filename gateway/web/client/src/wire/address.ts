/** Where things are at a gateway, which may stand under a path of its own. */

/** Of a REST endpoint. `baseUrl` empty: where the page came from. */
export function restUrl(baseUrl: string, route: string): string {
  return baseUrl.replace(/\/+$/, '') + route;
}

/** Of the socket, which takes no relative address. */
export function socketUrl(baseUrl: string): string {
  const page = (globalThis as { location?: { href: string } }).location;
  if (baseUrl === '' && !page) throw new TypeError('outside of a page a baseUrl is needed');
  const url = new URL(restUrl(baseUrl, '/v1/ws'), page?.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  return url.href;
}
