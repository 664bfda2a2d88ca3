/**
 * Markdown as messages have it. HTML in it is shown as the text that it is, and nothing is loaded
 * from elsewhere: an image is named and linked, not shown.
 */
import { Fragment, memo, useMemo, useRef } from 'react';
import type { ComponentProps } from 'react';
import ReactMarkdown from 'react-markdown';
import type { Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { splitBlocks } from './blocks.ts';
import { CodeBlock } from './CodeBlock.tsx';
import { rehypeDirection } from './direction.ts';
import { rehypeUnframed } from './framed.ts';
import { useWords } from '../i18n/tongue.ts';
import styles from './Markdown.module.css';
import { piecesOf } from './pieces.ts';
import { usePaced } from './usePaced.ts';

const remarkPlugins = [remarkGfm];
const rehypePlugins = [rehypeDirection];
const framedPlugins = [rehypeUnframed];

const components: Components = {
  a: ({ href, title, children }) => (
    <OutLink href={href} title={title}>
      {children}
    </OutLink>
  ),
  img: ({ src, alt }) => <ImageNote src={src} alt={alt} />,
  input: ({ checked }) => <TaskMark isDone={checked === true} />,
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
  const cut = piecesOf(text);
  if (!cut) return <Parsed text={text} />;
  switch (cut.frame) {
    case 'code':
      return (
        <CodeBlock>
          <code className={cut.language === '' ? undefined : `language-${cut.language}`}>
            {cut.pieces}
          </code>
        </CodeBlock>
      );
    case 'paragraph':
      return (
        <p dir="auto">
          {cut.pieces.map((piece, index) => (
            <Fragment key={index}>
              {index > 0 && ' '}
              <Parsed text={piece} isFramed />
            </Fragment>
          ))}
        </p>
      );
    case 'list':
      return <List start={cut.start} pieces={cut.pieces} />;
  }
});

interface ListProps {
  readonly start: number | undefined;
  readonly pieces: readonly string[];
}

function List({ start, pieces }: ListProps) {
  const items = pieces.map((piece, index) => <Parsed key={index} text={piece} isFramed />);
  if (start === undefined) return <ul dir="auto">{items}</ul>;
  return (
    <ol start={start === 1 ? undefined : start} dir="auto">
      {items}
    </ol>
  );
}

interface ParsedProps {
  readonly text: string;
  /** Its one block is a piece of what stands around it already. */
  readonly isFramed?: boolean;
}

export const Parsed = memo(function Parsed({ text, isFramed = false }: ParsedProps) {
  return (
    <ReactMarkdown
      remarkPlugins={remarkPlugins}
      rehypePlugins={isFramed ? framedPlugins : rehypePlugins}
      components={components}
    >
      {text}
    </ReactMarkdown>
  );
});

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

function TaskMark({ isDone }: { readonly isDone: boolean }) {
  const words = useWords().message;
  const label = isDone ? words.done : words.toDo;
  return <input type="checkbox" checked={isDone} disabled aria-label={label} />;
}

function ImageNote({ src, alt }: { readonly src: unknown; readonly alt: string | undefined }) {
  const words = useWords().message;
  const name = alt === undefined || alt === '' ? words.imageUnnamed : alt;
  return (
    <span className={styles.image}>
      {words.image} {name}
      {typeof src === 'string' && ADDRESS.test(src) && (
        <>
          {' · '}
          <OutLink href={src}>{words.open}</OutLink>
        </>
      )}
    </span>
  );
}
