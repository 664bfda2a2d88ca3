/**
 * Markdown as messages have it. HTML in it is shown as the text that it is, and nothing is loaded
 * from elsewhere: an image is named and linked, not shown.
 */
import { memo, useMemo, useRef } from 'react';
import type { ComponentProps } from 'react';
import ReactMarkdown from 'react-markdown';
import type { Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { splitBlocks, splitWords } from './blocks.ts';
import { CodeBlock } from './CodeBlock.tsx';
import { rehypeDirection } from './direction.ts';
import styles from './Markdown.module.css';
import { usePaced } from './usePaced.ts';

const remarkPlugins = [remarkGfm];
const rehypePlugins = [rehypeDirection];

const components: Components = {
  a: ({ href, title, children }) => (
    <OutLink href={href} title={title}>
      {children}
    </OutLink>
  ),
  img: ({ src, alt }) => <ImageNote src={src} alt={alt} />,
  input: ({ checked }) => (
    <input type="checkbox" checked={checked} disabled aria-label={checked ? 'Done' : 'To do'} />
  ),
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children, dir }) => (
    <div className={styles.scroll}>
      <table dir={dir}>{children}</table>
    </div>
  ),
};

interface MarkdownProps {
  readonly text: string;
  /** More of it is being written: a mark shows where. */
  readonly isGrowing?: boolean;
}

export const Markdown = memo(function Markdown({ text, isGrowing = false }: MarkdownProps) {
  const host = useRef<HTMLDivElement>(null);
  const shown = usePaced(text, isGrowing, host);
  const blocks = useMemo(() => splitBlocks(shown), [shown]);
  return (
    <div ref={host} className={styles.prose} data-growing={isGrowing || undefined}>
      {blocks.map((block, index) => (
        <Block key={index} text={block} />
      ))}
    </div>
  );
});

const Block = memo(function Block({ text }: { readonly text: string }) {
  const pieces = splitWords(text);
  const last = pieces.pop() ?? '';
  if (pieces.length === 0) return <Parsed text={last} components={components} />;
  return (
    <p dir="auto">
      {pieces}
      <Parsed text={last} components={inline} />
    </p>
  );
});

/** The end of a paragraph whose beginning stands before it. */
const inline: Components = { ...components, p: ({ children }) => <>{children}</> };

interface ParsedProps {
  readonly text: string;
  readonly components: Components;
}

function Parsed({ text, components: known }: ParsedProps) {
  return (
    <ReactMarkdown remarkPlugins={remarkPlugins} rehypePlugins={rehypePlugins} components={known}>
      {text}
    </ReactMarkdown>
  );
}

/** Only what says where it leads, and leads out of the page, is a link. */
const ADDRESS = /^[a-z][a-z0-9+.-]*:/i;

function OutLink({ href, children, ...rest }: ComponentProps<'a'>) {
  if (href === undefined || !ADDRESS.test(href)) return <>{children}</>;
  return (
    <a {...rest} href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

function ImageNote({ src, alt }: { readonly src: unknown; readonly alt: string | undefined }) {
  const name = alt === undefined || alt === '' ? 'without a description' : alt;
  return (
    <span className={styles.image}>
      Image: {name}
      {typeof src === 'string' && ADDRESS.test(src) && (
        <>
          {' · '}
          <OutLink href={src}>open</OutLink>
        </>
      )}
    </span>
  );
}
