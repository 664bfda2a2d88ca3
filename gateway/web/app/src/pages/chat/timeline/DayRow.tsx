import { useTongue } from '../../../i18n/tongue.ts';
import styles from './DayRow.module.css';

export function DayRow({ at }: { readonly at: number }) {
  const { dayName } = useTongue();
  return (
    <li className={styles.day}>
      <span>{dayName(at)}</span>
    </li>
  );
}
