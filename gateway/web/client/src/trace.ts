/** Where a message's trace begins: here, in the hands of whoever said it. */
import { randomHex } from './ids.ts';

/** A fresh W3C `traceparent`, marked as sampled: the server may still choose to keep none. */
export function freshTraceparent(): string {
  return `00-${randomHex(16)}-${randomHex(8)}-01`;
}
