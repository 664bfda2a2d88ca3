/** What one could say, where nothing was said yet. */
import { useWords } from '../../../i18n/tongue.ts';
import styles from './Draft.module.css';
import { suggestionsFor } from './suggestions.ts';

interface EmptyStateProps {
  readonly agent: string | undefined;
  readonly onSay: (text: string) => void;
}

export function EmptyState({ agent, onSay }: EmptyStateProps) {
  const words = useWords().draft;
  return (
    <ul className={styles.suggestions} aria-label={words.toTry}>
      {suggestionsFor(agent, words).map(({ words: what, text }) => (
        <li key={text}>
          <button
            type="button"
            onClick={() => {
              onSay(text);
            }}
          >
            <span>{what}</span>
            <code>{text}</code>
          </button>
        </li>
      ))}
    </ul>
  );
}
