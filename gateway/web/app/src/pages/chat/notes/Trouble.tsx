/** What keeps an agent from answering as it should, as whoever runs it is told: for staff alone. */
import styles from './Trouble.module.css';

export function Trouble({ text }: { readonly text: string | null | undefined }) {
  if (!text) return null;
  return (
    <span className={styles.trouble} dir="ltr">
      {text}
    </span>
  );
}
