/** Fresh identifiers. They work on pages without a secure context too, unlike `randomUUID`. */

/** `count` random bytes, in hexadecimal digits. */
export function randomHex(count: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(count));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A UUID of version 7 without its dashes: later ones sort later. */
export function freshId(now = Date.now()): string {
  const random = randomHex(10);
  const variant = (0x8 | (parseInt(random.charAt(3), 16) & 0x3)).toString(16);
  const time = now.toString(16).padStart(12, '0');
  return `${time}7${random.slice(0, 3)}${variant}${random.slice(4, 19)}`;
}
