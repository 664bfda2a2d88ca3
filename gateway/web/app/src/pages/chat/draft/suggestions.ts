/** Things to say first, by agent. */

export interface Suggestion {
  readonly words: string;
  /** What is said. */
  readonly text: string;
}

const GUIDE: readonly Suggestion[] = [
  { words: 'Show me around', text: 'What can you do?' },
  { words: 'Stream a long answer', text: '/stream 2000 at 50' },
  { words: 'Fail twice, then heal', text: '/fail 2' },
  { words: 'Show off Markdown', text: '/markdown' },
  { words: 'Who is in here?', text: '/who' },
];

const ANYBODY: readonly Suggestion[] = [
  { words: 'Say hello', text: 'Hello! What can you help me with?' },
  { words: 'Explain something', text: 'Explain how a message queue works, in plain words.' },
  { words: 'Write something', text: 'Write a short poem about a quiet morning.' },
];

export function suggestionsFor(agent: string | undefined): readonly Suggestion[] {
  if (agent === undefined) return [];
  return agent === 'guide' ? GUIDE : ANYBODY;
}
