import { describe, expect, it } from 'vitest';
import { skipBytes, utf8Length } from '../src/fold/utf8.ts';

const encoder = new TextEncoder();
const SAMPLES = [
  '',
  'plain',
  'größe',
  '日本語',
  '👩‍🚀 in space',
  '𝄞',
  'a\ud800b',
  '\udc00',
  '\ud83d',
];

describe('utf8', () => {
  it.each(SAMPLES)('counts the bytes of %j as an encoder does', (text) => {
    expect(utf8Length(text)).toBe(encoder.encode(text).length);
  });

  it('skips whole characters by their bytes', () => {
    expect(skipBytes('aé𝄞z', 0)).toBe('aé𝄞z');
    expect(skipBytes('aé𝄞z', 1)).toBe('é𝄞z');
    expect(skipBytes('aé𝄞z', 3)).toBe('𝄞z');
    expect(skipBytes('aé𝄞z', 7)).toBe('z');
    expect(skipBytes('aé𝄞z', 8)).toBe('');
  });

  it('refuses to cut a character in two, or to skip past the end', () => {
    for (const bytes of [2, 4, 5, 6, 9]) expect(skipBytes('aé𝄞z', bytes)).toBeUndefined();
  });
});
