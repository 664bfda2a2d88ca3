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

  it.each(['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'vbscript:x'])(
    'takes the address out of a link to %s',
    (address) => {
      expect(html(`[a](${address})`)).toContain('<a href=""');
    },
  );

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
