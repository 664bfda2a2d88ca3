/**
 * Keeps the end in sight for whoever is at the end, and what is in sight in its place for everybody
 * else, whatever is added below or above.
 */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';

/** This close to the end counts as being there, in pixels. */
const NEAR = 64;
/** This close to the top, older messages are asked for. */
const EARLY = 500;

interface ScrollOptions {
  /** What is first in the list: when it changes, something was put before it. */
  readonly first: string | undefined;
  /** Asks for what comes before; undefined where it should not be asked now. */
  readonly onTop: (() => void) | undefined;
  /** Raised when the person said something: that is where they want to be. */
  readonly toEnd: number;
}

export interface Scroll {
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  readonly atBottom: boolean;
  readonly onScroll: () => void;
  readonly goToBottom: () => void;
}

export function useScroll({ first, onTop, toEnd }: ScrollOptions): Scroll {
  const frame = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const pinned = useRef(true);
  const before = useRef({ first, height: 0 });
  const [atBottom, setAtBottom] = useState(true);

  const stick = useCallback(() => {
    const element = frame.current;
    if (element && pinned.current) element.scrollTop = element.scrollHeight;
  }, []);

  const onScroll = useCallback(() => {
    const element = frame.current;
    if (!element) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    pinned.current = scrollHeight - scrollTop - clientHeight < NEAR;
    setAtBottom(pinned.current);
    if (scrollTop < EARLY) onTop?.();
  }, [onTop]);

  const goToBottom = useCallback(() => {
    pinned.current = true;
    setAtBottom(true);
    stick();
  }, [stick]);

  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const grown = element.scrollHeight - before.current.height;
    if (first !== before.current.first && !pinned.current) element.scrollTop += grown;
    stick();
    before.current = { first, height: element.scrollHeight };
  });

  useEffect(() => {
    pinned.current = true;
    stick();
  }, [stick, toEnd]);

  useEffect(() => {
    if ((frame.current?.scrollTop ?? 0) < EARLY) onTop?.();
  }, [onTop]);

  useEffect(() => {
    const observer = new ResizeObserver(stick);
    for (const { current } of [frame, content]) if (current) observer.observe(current);
    return () => {
      observer.disconnect();
    };
  }, [stick]);

  return { frame, content, atBottom, onScroll, goToBottom };
}
