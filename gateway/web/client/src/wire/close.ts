/** What to do after the server closed the socket, by its code. */

export type AfterClose = 'reconnect' | 'renew-token' | 'give-up';

const UNAUTHENTICATED = 4501;
const TOKEN_EXPIRED = 4502;

/**
 * 4500 to 4999: the same request would be refused again. Everything else, the codes of the
 * protocol itself included, is met by connecting again and resuming.
 */
export function afterClose(code: number): AfterClose {
  if (code === UNAUTHENTICATED || code === TOKEN_EXPIRED) return 'renew-token';
  return code >= 4500 && code <= 4999 ? 'give-up' : 'reconnect';
}
