/**
 * Markdown as messages have it. HTML in it is shown as the text that it is, and nothing is loaded
 * from elsewhere: an image is named and linked, not shown.
 */
import { memo } from 'react';
import type { ComponentProps } from 'react';
import ReactMarkdown from 'react-markdown';
import type { Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { splitBlocks } from './blocks.ts';
import { CodeBlock } from './CodeBlock.tsx';
import styles from './Markdown.module.css';

const plugins = [remarkGfm];

const components: Components = {
  a: ({ href, title, children }) => (
    <OutLink href={href} title={title}>
      {children}
    </OutLink>
  ),
  img: ({ src, alt }) => <ImageNote src={src} alt={alt} />,
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => (
    <div className={styles.scroll}>
      <table>{children}</table>
    </div>
  ),
};

interface MarkdownProps {
  readonly text: string;
  /** More of it is being written: a mark shows where. */
  readonly isGrowing?: boolean;
}

export const Markdown = memo(function Markdown({ text, isGrowing = false }: MarkdownProps) {
  return (
    <div className={styles.prose} data-growing={isGrowing || undefined}>
      {splitBlocks(text).map((block, index) => (
        <Block key={index} text={block} />
      ))}
    </div>
  );
});

const Block = memo(function Block({ text }: { readonly text: string }) {
  return (
    <ReactMarkdown remarkPlugins={plugins} components={components}>
      {text}
    </ReactMarkdown>
  );
});

function OutLink({ children, ...rest }: ComponentProps<'a'>) {
  return (
    <a {...rest} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

function ImageNote({ src, alt }: { readonly src: unknown; readonly alt: string | undefined }) {
  const name = alt === undefined || alt === '' ? 'without a description' : alt;
  return (
    <span className={styles.image}>
      Image: {name}
      {typeof src === 'string' && src !== '' && (
        <>
          {' · '}
          <OutLink href={src}>open</OutLink>
        </>
      )}
    </span>
  );
}
