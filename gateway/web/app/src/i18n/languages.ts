/** The languages of the page. To add one: a folder under `words/`, and a line here. */
import type { Words } from './words/en/index.ts';

interface Spoken {
  /** What it calls itself. */
  readonly name: string;
  readonly dir: 'ltr' | 'rtl';
  /** Each is a file of its own: a reader loads theirs. */
  readonly load: () => Promise<{ words: Words }>;
}

export const LANGUAGES = {
  en: { name: 'English', dir: 'ltr', load: () => import('./words/en/index.ts') },
  de: { name: 'Deutsch', dir: 'ltr', load: () => import('./words/de/index.ts') },
  es: { name: 'Español', dir: 'ltr', load: () => import('./words/es/index.ts') },
  fr: { name: 'Français', dir: 'ltr', load: () => import('./words/fr/index.ts') },
  ar: { name: 'العربية', dir: 'rtl', load: () => import('./words/ar/index.ts') },
} satisfies Record<string, Spoken>;

export type Language = keyof typeof LANGUAGES;

export const isLanguage = (tag: string | null | undefined): tag is Language =>
  typeof tag === 'string' && Object.hasOwn(LANGUAGES, tag);

const baseOf = (tag: string) => tag.toLowerCase().split('-')[0];

/** The first of the reader's languages that the page speaks. */
export function bestOf(wanted: readonly string[]): Language {
  return wanted.map(baseOf).find(isLanguage) ?? 'en';
}

/** The language as the reader's region writes dates and numbers: `de-CH` for `de`, if they say so. */
export function tagFor(language: Language, wanted: readonly string[]): string {
  return wanted.find((tag) => baseOf(tag) === language) ?? language;
}
