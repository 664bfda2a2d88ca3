import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { Markdown } from '../src/markdown/Markdown.tsx';

const html = (text: string) => renderToStaticMarkup(<Markdown text={text} />);

describe('Markdown', () => {
  it.each([
    '<script>alert(1)</script>',
    'in a line <img src=x onerror=alert(1)> here',
    '<iframe src="https://elsewhere.test"></iframe>',
    '<!-- hidden -->',
    '<style>body { display: none }</style>',
  ])('shows HTML as text: %s', (text) => {
    const shown = html(text);
    expect(shown).not.toMatch(/<(script|img|iframe|style|!--)/);
    expect(shown).toContain('&lt;');
  });

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '#/new',
    '/v1/me',
  ])('makes no link of %s', (address) => {
    expect(html(`[a](${address})`)).toContain('>a</p>');
    expect(html(`[a](${address})`)).not.toContain('<a');
    expect(html(`![a](${address})`)).not.toContain('<a');
  });

  it('makes no link of a footnote, which would lead out of the conversation', () => {
    expect(html('word[^1]\n\n[^1]: note')).not.toContain('<a');
  });

  it('reads from the side that the words begin at, code from the left', () => {
    const shown = html('# שלום\n\n- مرحبا\n\n```\nx\n```\n\n| a |\n| --- |\n| b |');
    expect(shown).toContain('<h1 dir="auto">');
    expect(shown).toContain('<ul dir="auto">');
    expect(shown).toContain('<table dir="auto">');
    expect(shown).toContain('dir="ltr">');
  });

  it('shows a very long line as the one paragraph that it is', () => {
    const line = Array.from({ length: 2000 }, (_, number) => `word${number}`).join(' ');
    expect(html(line)).toBe(html('x').replace('x', line));
    expect(html(`${line} *soft* end`)).toContain('word1999 <em>soft</em> end</p>');
  });

  it('opens links elsewhere, and tells them nothing', () => {
    const shown = html('[a](https://example.org) and https://auto.example');
    expect(shown.match(/target="_blank" rel="noopener noreferrer"/g)).toHaveLength(2);
  });

  it('names images instead of loading them', () => {
    const shown = html('![a cat](https://elsewhere.test/cat.png)');
    expect(shown).not.toContain('<img');
    expect(shown).toContain('Image: a cat');
    expect(shown).toContain('href="https://elsewhere.test/cat.png"');
  });

  it('names the language of code', () => {
    expect(html('```rust\nfn main() {}\n```')).toContain('<span>rust</span>');
  });
});
