/** What one could say to the agent of a conversation in which nothing was said yet. */
import { useTongue } from '../../../i18n/tongue.ts';
import { EmptyState } from './EmptyState.tsx';
import { suggestionsIn } from './suggestions.ts';
import { useAgents } from './useAgents.ts';

interface SuggestedProps {
  readonly agent: string | undefined;
  readonly onSay: (text: string) => void;
}

export function Suggested({ agent, onSay }: SuggestedProps) {
  const { language } = useTongue();
  const answers = useAgents()?.find(({ name }) => name === agent);
  return <EmptyState suggestions={suggestionsIn(language, answers)} onSay={onSay} />;
}
