/** Byte lengths of UTF-8, without encoding: the wire counts text in bytes, JavaScript does not. */

const isLead = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
const isTrail = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;

/** UTF-16 units and UTF-8 bytes of the character at `index`. A lone surrogate counts as U+FFFD. */
function measure(text: string, index: number): { units: number; bytes: number } {
  const unit = text.charCodeAt(index);
  if (unit < 0x80) return { units: 1, bytes: 1 };
  if (unit < 0x800) return { units: 1, bytes: 2 };
  if (isLead(unit) && isTrail(text.charCodeAt(index + 1))) return { units: 2, bytes: 4 };
  return { units: 1, bytes: 3 };
}

/** How many bytes `text` has in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length;) {
    const character = measure(text, index);
    index += character.units;
    bytes += character.bytes;
  }
  return bytes;
}

/**
 * `text` without its first `bytes` bytes of UTF-8. Undefined where that is longer than the text,
 * or would cut a character in two.
 */
export function skipBytes(text: string, bytes: number): string | undefined {
  let seen = 0;
  let index = 0;
  while (seen < bytes && index < text.length) {
    const character = measure(text, index);
    index += character.units;
    seen += character.bytes;
  }
  return seen === bytes ? text.slice(index) : undefined;
}
