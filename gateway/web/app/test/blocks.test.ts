import { describe, expect, it } from 'vitest';
import { splitBlocks } from '../src/markdown/blocks.ts';

describe('blocks', () => {
  it('are cut at blank lines', () => {
    expect(splitBlocks('one\ntwo\n\nthree\n\n\n# four')).toEqual([
      'one\ntwo\n\n',
      'three\n\n\n',
      '# four',
    ]);
  });

  it('lose nothing, wherever the text ends', () => {
    const text =
      '# a\n\n- b\n\n  c\n\n```js\n\nd\n\n```\n\n> e\n\n1. f\n\n2. g\n\n    h\n\n[i](j)\n';
    for (let end = 0; end <= text.length; end += 1) {
      expect(splitBlocks(text.slice(0, end)).join('')).toBe(text.slice(0, end));
    }
  });

  it.each([
    ['a fence', '```\n\na\n\n```'],
    ['a longer fence around a shorter one', '````\n\n```\n\na\n\n````'],
    ['tildes around backticks', '~~~\n\n```\n\n~~~'],
    ['a fence that is still open', '```\na\n\nb'],
    ['a list with paragraphs', '- a\n\n  b\n\n- c'],
    ['a numbered list', '1. a\n\n2. b'],
    ['indented code', '    a\n\n    b'],
    ['definitions and what uses them', '[a]\n\n[a]: /b'],
  ])('keep %s together', (_, text) => {
    expect(splitBlocks(text)).toEqual([text]);
  });

  it('end a list where a paragraph begins', () => {
    expect(splitBlocks('- a\n\nb')).toEqual(['- a\n\n', 'b']);
  });

  it('stay the same while a text grows, but for the last', () => {
    const text = 'one\n\n```\ntwo\n\nthree\n```\n\nfour\n\nfive';
    let before: string[] = [];
    for (let end = 1; end <= text.length; end += 1) {
      const now = splitBlocks(text.slice(0, end));
      expect(now.slice(0, before.length - 1)).toEqual(before.slice(0, -1));
      before = now;
    }
  });
});
