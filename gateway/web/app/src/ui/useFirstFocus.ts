/** Puts the focus somewhere at first, where that does not make a keyboard fill half the screen. */
import { useEffect, useRef } from 'react';
import type { RefObject } from 'react';

export function useFirstFocus<T extends HTMLElement>(): RefObject<T | null> {
  const ref = useRef<T>(null);
  useEffect(() => {
    if (window.matchMedia('(pointer: fine)').matches) ref.current?.focus();
  }, []);
  return ref;
}
