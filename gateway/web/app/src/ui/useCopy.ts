/** Puts text on the clipboard, and says so for a moment. */
import { useCallback, useEffect, useState } from 'react';

const SAID_MS = 2000;

export function useCopy(): { copied: boolean; copy: (text: string) => void } {
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => {
      setCopied(false);
    }, SAID_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);

  const copy = useCallback((text: string) => {
    void put(text).then(setCopied);
  }, []);
  return { copied, copy };
}

async function put(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return putByHand(text);
  }
}

/** The way of pages that are not served over TLS, where there is no clipboard object. */
function putByHand(text: string): boolean {
  const focused = document.activeElement;
  const host = document.querySelector('dialog[open]') ?? document.body;
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'unseen';
  field.readOnly = true;
  host.append(field);
  field.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- there is no other way without TLS
  const done = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}
