/** Fresh identifiers that sort by time, as UUIDs of version 7 do; 32 hexadecimal digits. */

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Works on pages without a secure context too, where `crypto.randomUUID` is missing. */
export function freshId(now = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  bytes[0] = ((bytes[0] ?? 0) & 0x0f) | 0x70;
  bytes[2] = ((bytes[2] ?? 0) & 0x3f) | 0x80;
  return now.toString(16).padStart(12, '0') + hex(bytes);
}
