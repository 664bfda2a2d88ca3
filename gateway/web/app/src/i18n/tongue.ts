/** The language in which the page speaks now: its words, and how it writes times and numbers. */
import { useSyncExternalStore } from 'react';
import { LANGUAGES, bestOf, isLanguage, tagFor } from './languages.ts';
import type { Language } from './languages.ts';
import { timesOf } from './times.ts';
import type { Times } from './times.ts';
import { words as english } from './words/en/index.ts';
import type { Words } from './words/en/index.ts';

export interface Tongue extends Times {
  readonly language: Language;
  readonly words: Words;
  readonly number: (number: number) => string;
  readonly percent: (share: number) => string;
  /** To two places behind the point. */
  readonly fixed: (number: number) => string;
}

const KEY = 'convene.language';
const listeners = new Set<() => void>();
let current = tongueOf('en', english, 'en');

/** As React components have it: they are drawn again when another language is chosen. */
export function useTongue(): Tongue {
  return useSyncExternalStore(listen, currentTongue, currentTongue);
}

export function useWords(): Words {
  return useTongue().words;
}

export function currentTongue(): Tongue {
  return current;
}

/** Speaks the language that was chosen before, or else the best of the browser's. */
export function speakFirst(): Promise<void> {
  return speak(remembered() ?? bestOf(navigator.languages));
}

export async function chooseLanguage(language: Language): Promise<void> {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // Without storage the choice holds until the page is left.
  }
  await speak(language);
}

/** Where its words cannot be had, the page goes on in the language that it speaks. */
async function speak(language: Language): Promise<void> {
  const loaded = await LANGUAGES[language].load().catch(() => undefined);
  if (loaded) current = tongueOf(language, loaded.words, tagFor(language, navigator.languages));
  document.documentElement.lang = current.language;
  document.documentElement.dir = LANGUAGES[current.language].dir;
  for (const listener of listeners) listener();
}

export function tongueOf(language: Language, words: Words, tag: string): Tongue {
  const numbers = new Intl.NumberFormat(tag);
  const shares = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 1 });
  const fixed = new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return {
    language,
    words,
    number: (number) => numbers.format(number),
    percent: (share) => shares.format(share),
    fixed: (number) => fixed.format(number),
    ...timesOf(tag, words.list),
  };
}

function remembered(): Language | undefined {
  try {
    const kept = localStorage.getItem(KEY);
    return isLanguage(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

function listen(changed: () => void): () => void {
  listeners.add(changed);
  return () => {
    listeners.delete(changed);
  };
}
