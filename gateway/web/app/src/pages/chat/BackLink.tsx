/** The way back to the list, on a phone, where it is not beside what is open. */
import { hrefOf } from '../../router.ts';
import { BackIcon } from '../../ui/icons.tsx';
import { useWords } from '../../i18n/tongue.ts';
import styles from './BackLink.module.css';

interface BackLinkProps {
  /** Stands in the corner of the panel, where there is no header to stand in. */
  readonly corner?: boolean;
}

export function BackLink({ corner = false }: BackLinkProps) {
  const words = useWords();
  return (
    <a
      className={[styles.back, corner ? styles.corner : ''].join(' ')}
      href={hrefOf({ page: 'list' })}
      aria-label={words.list.back}
    >
      <BackIcon />
    </a>
  );
}
