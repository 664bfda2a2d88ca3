/** What one could say, where nothing was said yet. */
import styles from './Draft.module.css';
import { suggestionsFor } from './suggestions.ts';

interface EmptyStateProps {
  readonly agent: string | undefined;
  readonly onSay: (text: string) => void;
}

export function EmptyState({ agent, onSay }: EmptyStateProps) {
  return (
    <ul className={styles.suggestions} aria-label="Things to try">
      {suggestionsFor(agent).map(({ words, text }) => (
        <li key={text}>
          <button
            type="button"
            onClick={() => {
              onSay(text);
            }}
          >
            <span>{words}</span>
            <code>{text}</code>
          </button>
        </li>
      ))}
    </ul>
  );
}
