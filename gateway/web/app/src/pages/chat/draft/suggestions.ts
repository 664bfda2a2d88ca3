/** Things to say first, as the agent suggests them. */
import type { Agent, Suggestion } from '@convene/client';

/** Those in the reader's language; where there are none, those in the one that comes first. */
export function suggestionsIn(language: string, agent: Agent | undefined): readonly Suggestion[] {
  const all = agent?.suggestions ?? [];
  const own = all.filter((one) => isIn(language, one));
  return own.length > 0 ? own : all.filter((one) => one.language === all[0]?.language);
}

const isIn = (language: string, suggestion: Suggestion) =>
  suggestion.language?.toLowerCase().split('-')[0] === language;
