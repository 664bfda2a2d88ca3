/**
 * Keeps the end in sight for whoever is at the end, and what is in sight in its place for everybody
 * else, whatever is added, changed or taken away below or above.
 */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';
import { firstInSight } from './sight.ts';

/** This close to the end counts as being there, in pixels. */
const NEAR = 64;
/** This close to the top, older messages are asked for. */
const EARLY = 500;

interface ScrollOptions {
  /** Asks for what comes before; undefined where it should not be asked now. */
  readonly onTop: (() => void) | undefined;
  /** Raised when the person said something: that is where they want to be. */
  readonly toEnd: number;
}

export interface Scroll {
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  readonly list: RefObject<HTMLOListElement | null>;
  readonly atBottom: boolean;
  readonly onScroll: () => void;
  readonly goToBottom: () => void;
}

export function useScroll({ onTop, toEnd }: ScrollOptions): Scroll {
  const frame = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const pinned = useRef(true);
  /** The row at the upper edge, and where it stood in the list. */
  const anchor = useRef<{ row: HTMLElement; top: number }>(undefined);
  const [atBottom, setAtBottom] = useState(true);

  const drop = useCallback(() => {
    const row = firstInSight(list.current, frame.current?.scrollTop ?? 0);
    anchor.current = row && { row, top: row.offsetTop };
  }, []);

  /** Something is higher or lower than it was. */
  const settle = useCallback(() => {
    const element = frame.current;
    if (!element) return;
    const held = anchor.current;
    if (pinned.current) element.scrollTop = element.scrollHeight;
    else if (held?.row.isConnected) element.scrollTop += held.row.offsetTop - held.top;
    drop();
  }, [drop]);

  const onScroll = useCallback(() => {
    const element = frame.current;
    if (!element) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    pinned.current = scrollHeight - scrollTop - clientHeight < NEAR;
    setAtBottom(pinned.current);
    drop();
    if (scrollTop < EARLY) onTop?.();
  }, [drop, onTop]);

  const goToBottom = useCallback(() => {
    pinned.current = true;
    setAtBottom(true);
    settle();
  }, [settle]);

  useLayoutEffect(settle);

  // Before anybody can scroll what they see: an effect that comes later would take them back.
  useLayoutEffect(() => {
    pinned.current = true;
    settle();
  }, [settle, toEnd]);

  useEffect(() => {
    if ((frame.current?.scrollTop ?? 0) < EARLY) onTop?.();
  }, [onTop]);

  useEffect(() => {
    const observer = new ResizeObserver(settle);
    for (const { current } of [frame, content]) if (current) observer.observe(current);
    return () => {
      observer.disconnect();
    };
  }, [settle]);

  return { frame, content, list, atBottom, onScroll, goToBottom };
}
