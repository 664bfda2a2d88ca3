/** A modal sheet: the browser keeps the focus inside, and Escape or a click beside it closes it. */
import { useEffect, useId, useRef } from 'react';
import type { ReactNode } from 'react';
import { IconButton } from './Button.tsx';
import { useWords } from '../i18n/tongue.ts';
import styles from './Dialog.module.css';
import { CloseIcon } from './icons.tsx';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Dialog({ title, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const words = useWords().frame;

  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    const besides = (event: MouseEvent) => {
      if (event.target === dialog) dialog.close();
    };
    dialog.addEventListener('click', besides);
    dialog.showModal();
    return () => {
      dialog.removeEventListener('click', besides);
      dialog.close();
    };
  }, []);

  return (
    <dialog ref={ref} className={styles.dialog} aria-labelledby={heading} onClose={onClose}>
      <div className={styles.sheet}>
        <header className={styles.header}>
          <h2 id={heading}>{title}</h2>
          <IconButton label={words.close} onClick={() => ref.current?.close()}>
            <CloseIcon />
          </IconButton>
        </header>
        {children}
      </div>
    </dialog>
  );
}

/** Whether a dialog is open: the keys are then its own. */
export function isDialogOpen(): boolean {
  return document.querySelector('dialog[open]') !== null;
}
