/** Things to say first, by agent. */
import type { Words } from '../../../i18n/words/en/index.ts';

export interface Suggestion {
  readonly words: string;
  /** What is said. */
  readonly text: string;
}

/** What the guide takes, in the order of the words for it. */
const GUIDE = ['/help', '/stream 2000 at 50', '/fail 2', '/markdown', '/who'];

export function suggestionsFor(
  agent: string | undefined,
  { guide, shop, anybody }: Words['draft'],
): readonly Suggestion[] {
  switch (agent) {
    case undefined:
      return [];
    case 'guide':
      return GUIDE.map((text, index) => ({ words: guide[index] ?? text, text }));
    case 'shop':
      return shop;
    default:
      return anybody;
  }
}
