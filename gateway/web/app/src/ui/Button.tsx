import type { ComponentProps } from 'react';
import styles from './Button.module.css';

interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: 'plain' | 'main' | 'quiet' | 'danger';
  /** One of several in a row of a list. */
  readonly small?: boolean;
}

export function Button(props: ButtonProps) {
  const { look = 'plain', small = false, className, type = 'button', ...rest } = props;
  const looks = [styles.button, styles[look], small && styles.small, className];
  return <button type={type} className={looks.filter(Boolean).join(' ')} {...rest} />;
}

interface IconButtonProps extends ComponentProps<'button'> {
  /** What it does, in words: it is heard, and shown when pointed at. */
  readonly label: string;
}

export function IconButton({ label, className, type = 'button', ...rest }: IconButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      className={[styles.icon, className].filter(Boolean).join(' ')}
      {...rest}
    />
  );
}
