/** What one could say, where nothing was said yet. */
import type { Suggestion } from '@convene/client';
import { useWords } from '../../../i18n/tongue.ts';
import styles from './Draft.module.css';

interface EmptyStateProps {
  readonly suggestions: readonly Suggestion[];
  readonly onSay: (text: string) => void;
}

export function EmptyState({ suggestions, onSay }: EmptyStateProps) {
  const words = useWords().draft;
  if (suggestions.length === 0) return null;
  return (
    <ul className={styles.suggestions} aria-label={words.toTry}>
      {suggestions.map(({ title, text, language }) => (
        <li key={text}>
          <button
            type="button"
            lang={language ?? undefined}
            dir="auto"
            onClick={() => {
              onSay(text);
            }}
          >
            <span>{title ?? text}</span>
            {title && <code>{text}</code>}
          </button>
        </li>
      ))}
    </ul>
  );
}
