/** A growing text at the pace that the page can keep: what is dear to draw is drawn less often. */
import { useEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';
import { flushSync } from 'react-dom';

/** Drawing may take one part in so many of the time. */
const SHARE = 6;
const LONGEST_MS = 2000;

/** `host` holds what is drawn of it. */
export function usePaced(
  text: string,
  isGrowing: boolean,
  host: RefObject<HTMLElement | null>,
): string {
  const [shown, setShown] = useState(text);
  const due = useRef(0);

  useEffect(() => {
    if (!isGrowing || text === shown) return;
    const timer = setTimeout(() => {
      const begun = performance.now();
      flushSync(() => {
        setShown(text);
      });
      host.current?.getBoundingClientRect(); // counts the layout, which has to be done anyway
      const now = performance.now();
      due.current = now + Math.min(LONGEST_MS, (SHARE - 1) * (now - begun));
    }, due.current - performance.now());
    return () => {
      clearTimeout(timer);
    };
  }, [host, isGrowing, shown, text]);

  return isGrowing ? shown : text;
}
