/** A block of code: its language, and a button that copies it. */
import { isValidElement, useRef } from 'react';
import type { ReactNode } from 'react';
import { CheckIcon, CopyIcon } from '../ui/icons.tsx';
import { useCopy } from '../ui/useCopy.ts';
import { useWords } from '../i18n/tongue.ts';
import styles from './Markdown.module.css';

export function CodeBlock({ children }: { readonly children: ReactNode }) {
  const ref = useRef<HTMLPreElement>(null);
  const { copied, copy } = useCopy();
  const words = useWords();
  return (
    <figure className={styles.code}>
      <figcaption>
        <span>{languageOf(children) ?? words.message.code}</span>
        <button
          type="button"
          onClick={() => {
            copy(ref.current?.textContent ?? '');
          }}
        >
          {copied ? <CheckIcon size={14} /> : <CopyIcon size={14} />}
          <span aria-live="polite">{copied ? words.frame.copied : words.frame.copy}</span>
        </button>
      </figcaption>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
      <pre ref={ref} tabIndex={0} dir="ltr">
        {children}
      </pre>
    </figure>
  );
}

function languageOf(children: ReactNode): string | undefined {
  if (!isValidElement<{ className?: string }>(children)) return undefined;
  return /language-(\S+)/.exec(children.props.className ?? '')?.[1];
}
