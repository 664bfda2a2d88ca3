import { describe, expect, it } from 'vitest';
import { splitBlocks, splitWords } from '../src/markdown/blocks.ts';

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

describe('a very long paragraph', () => {
  const words = (count: number) =>
    Array.from({ length: count }, (_, number) => `word${number}`).join(' ');

  it('is cut between words, and loses nothing', () => {
    const line = words(3000);
    const pieces = splitWords(line);
    expect(pieces.length).toBeGreaterThan(8);
    expect(pieces.join('')).toBe(line);
    const lines = line.replaceAll('0 ', '0\n');
    expect(splitWords(lines)).toHaveLength(pieces.length);
    expect(splitWords(lines).join('')).toBe(lines);
    for (const piece of pieces.slice(1)) expect(piece).toMatch(/^word/);
  });

  it('keeps its cuts while it grows', () => {
    const line = words(1500);
    const cuts = (end: number) => splitWords(line.slice(0, end)).slice(0, -1);
    let before: string[] = [];
    for (let end = 3000; end < line.length; end += 7) {
      const now = cuts(end);
      expect(now.slice(0, before.length)).toEqual(before);
      before = now;
    }
  });

  it.each([
    ['begins as something else', `- ${words(3000)}`],
    ['begins in numbered order', `1. ${words(3000)}`],
    ['is a heading by the line below it', `${words(3000)}\n===`],
    ['has a list at its end', `${words(3000)}\n- a`],
    ['has a numbered list at its end', `${words(3000)}\n1. a`],
    ['is short', words(100)],
  ])('is left whole where it %s', (_, line) => {
    expect(splitWords(line)).toEqual([line]);
  });

  it.each([
    '*soft*',
    '`code`',
    '[a](https://b.c)',
    'www.example.org',
    'a@example.org',
    '&amp;',
    'a  \nb',
  ])('is not cut behind %s', (sign) => {
    const line = `${words(700)} ${sign} ${words(3000)}`;
    const pieces = splitWords(line);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.at(-1)).toContain(`${sign} `);
  });
});
