import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { Markdown, Parsed } from '../src/markdown/Markdown.tsx';
import { piecesOf } from '../src/markdown/pieces.ts';

/** Between blocks white space means nothing. */
const tidy = (html: string) => html.replace(/\s*(<\/?(?:p|ul|ol|li|h\d|hr)\b[^>]*>)\s*/g, '$1');
const inPieces = (text: string) =>
  tidy(renderToStaticMarkup(<Markdown text={text} />).replace(/^<div[^>]*>|<\/div>$/g, ''));
const whole = (text: string) => tidy(renderToStaticMarkup(<Parsed text={text} />));
const count = (text: string) => piecesOf(text)?.pieces.length ?? 1;

/** Numbers from 0 up to `below`: the same in each run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const words = (number: number) =>
  Array.from({ length: number }, (_, index) => `word${index}`).join(' ');

const SIGNS = [
  ...[
    'word',
    'Wörter',
    '日本',
    '1986',
    'a-b',
    '(so)',
    'end.',
    'and:',
    'oh!',
    '\n',
    '\nline',
    '50 %',
  ],
  ...[
    '*soft*',
    '**strong**',
    '`code`',
    '`a b`',
    '[link](https://b.c/d_e)',
    '**two words**,',
    '(*x*)',
  ],
  ...[
    '2 * 3',
    '*',
    '**',
    '`',
    '_',
    '[',
    ']',
    'snake_case',
    'a*b',
    '~~x~~',
    '<b>',
    'http://x.y',
    '\\*',
  ],
  ...[
    'www.x.y',
    'a@b.c',
    '&amp;',
    '![p](q)',
    '[a][b]',
    '***x***',
    '**a*',
    '``x`y``',
    '  \n',
    '- x',
    '\n-',
  ],
] as const;
/** As of the client's adversary: `CONVENE_SEEDS=2000` for long. */
const SEEDS = Number(process.env.CONVENE_SEEDS ?? 8);

/** Of these, none leaves anything open. */
const SETTLED = 19;

describe('a block in pieces', () => {
  it.each([
    ['a paragraph', words(3000)],
    ['a paragraph with marks', 'so **it** is `there` and [here](https://a.b), '.repeat(300)],
    ['a list', '- one *point* after the other\n'.repeat(270)],
    ['a list with lists in it', '* a\n  - b\n  - c `d`\n'.repeat(320)],
    [
      'a numbered list',
      Array.from({ length: 520 }, (_, index) => `${index + 7}. number ${index}`).join('\n'),
    ],
    ['a block of code', `\`\`\`rust\n${'let a = "*b*"; // <c>\n'.repeat(400)}\`\`\`\n`],
    ['code that is still open', `~~~~\n${'~~~\n\n# a\n'.repeat(1200)}`],
  ])('shows %s as the whole shows it, wherever it ends', { timeout: 60_000 }, (_, text) => {
    expect(count(text)).toBeGreaterThan(3);
    for (const end of [4001, 4010, 5003]) {
      const part = text.slice(0, end);
      if (piecesOf(part)) expect(inPieces(part)).toBe(whole(part));
    }
    expect(inPieces(text)).toBe(whole(text));
  });

  it('means what the whole means, whatever it is made of', { timeout: 600_000 }, () => {
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const roll = dice(seed);
      const pick = (): string => {
        const isRare = roll(400) === 0;
        return SIGNS[roll(isRare ? SIGNS.length : SETTLED)] ?? '';
      };
      const text = `begin ${Array.from({ length: 1200 }, pick).join(' ')}`;
      expect(inPieces(text), `seed ${seed}`).toBe(whole(text));
    }
  });

  it('keeps its cuts while it grows', () => {
    for (const text of [
      'some **words** in `it` are [marked](https://example.org), '.repeat(160),
      '- one *point* after the other\n'.repeat(300),
      `\`\`\`\n${'let a = 1;\n'.repeat(900)}`,
    ]) {
      let before: readonly string[] = [];
      for (let end = 3000; end < text.length; end += 7) {
        const now = piecesOf(text.slice(0, end))?.pieces.slice(0, -1) ?? [];
        expect(now.slice(0, before.length)).toEqual(before);
        before = now;
      }
      expect(before.length).toBeGreaterThan(2);
    }
  });

  it.each([
    ['is a heading by the line below it', `${words(3000)}\n===`],
    ['has a list at its end', `${words(3000)}\n- a`],
    ['has a numbered list at its end', `${words(3000)}\n1. a`],
    ['is short', words(100)],
    ['is a loose list', '- a word\n\n'.repeat(900)],
    ['is a list of tasks', '- [ ] a word\n'.repeat(900)],
    ['is two lists', `${'- a word\n'.repeat(400)}${'* a word\n'.repeat(400)}`],
    ['is a list with a line through it', `${'- a word\n'.repeat(400)}---\n${'- b\n'.repeat(900)}`],
    ['has text behind its code', `\`\`\`\n${'x\n'.repeat(4000)}\`\`\`\nwords`],
  ])('is left whole where it %s', (_, text) => {
    expect(piecesOf(text)).toBeUndefined();
  });
});
