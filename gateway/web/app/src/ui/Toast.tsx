/** One short sentence at the edge of the page, for what has no better place to be said. */
import { createContext, useCallback, useContext, useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { problemSentence } from '../i18n/problems.ts';
import { useWords } from '../i18n/tongue.ts';
import styles from './Toast.module.css';

const ToastContext = createContext<(words: string) => void>(() => undefined);

const SHOWN_MS = 5000;

export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [toast, setToast] = useState<{ words: string }>();

  useEffect(() => {
    if (!toast) return;
    const timer = setTimeout(() => {
      setToast(undefined);
    }, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [toast]);

  // Whoever has gone elsewhere reads of what went wrong where they were no more.
  useEffect(() => {
    const leave = () => {
      setToast(undefined);
    };
    window.addEventListener('hashchange', leave);
    return () => {
      window.removeEventListener('hashchange', leave);
    };
  }, []);

  const show = useCallback((words: string) => {
    setToast({ words });
  }, []);

  return (
    <ToastContext value={show}>
      {children}
      <div className={styles.place} role="status">
        {toast && <p className={styles.toast}>{toast.words}</p>}
      </div>
    </ToastContext>
  );
}

/** Says a sentence. */
export function useToast(): (words: string) => void {
  return useContext(ToastContext);
}

/** Says what went wrong, in the reader's language. */
export function useComplaint(): (problem: unknown) => void {
  const show = useToast();
  const words = useWords();
  return useCallback(
    (problem: unknown) => {
      show(problemSentence(problem, words));
    },
    [show, words],
  );
}
