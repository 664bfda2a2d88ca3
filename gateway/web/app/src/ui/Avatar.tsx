/** Somebody's initials on a colour of their own, and a dot while they are here. */
import styles from './Avatar.module.css';

interface AvatarProps {
  /** The participant's id: the colour follows from it. */
  readonly id: string;
  readonly name: string;
  readonly here?: boolean;
  readonly small?: boolean;
}

const HUES = 8;

export function Avatar({ id, name, here = false, small = false }: AvatarProps) {
  const isAgent = id.startsWith('agent:');
  const looks = [
    styles.avatar,
    isAgent ? styles.agent : styles[`hue${hash(id) % HUES}`],
    small ? styles.small : '',
  ];
  return (
    <span className={looks.join(' ')} aria-hidden="true">
      {initials(name)}
      {here && <span className={styles.here} />}
    </span>
  );
}

/** Up to two letters: the first of the first word, and of the last. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words.slice(0, 1);
  const letters = ends.map((word) => Array.from(word ?? '')[0] ?? '');
  return letters.join('').toLocaleUpperCase() || '?';
}

function hash(text: string): number {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return sum;
}
