import { dayName } from '../times.ts';
import styles from './DayRow.module.css';

export function DayRow({ at }: { readonly at: number }) {
  return (
    <li className={styles.day}>
      <span>{dayName(at)}</span>
    </li>
  );
}
