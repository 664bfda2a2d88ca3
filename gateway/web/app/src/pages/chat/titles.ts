/** What a conversation is called on screen. */
import type { Conversation } from '@convene/client';
import { isolated } from './names.ts';
import type { Words } from '../../i18n/words/en/index.ts';

/** Its title, or else the others in it. */
export function titleOf(
  { title, participants }: Conversation,
  me: string,
  words: Words['list'],
): string {
  if (title) return title;
  const others = participants
    .filter((person) => person.id !== me)
    .map((person) => isolated(person.name));
  return others.length === 0 ? words.onlyYou : words.with(others);
}

const LONGEST = 60;

/** A title for a conversation that begins with `text`: its first line, cut between words. */
export function titleFrom(text: string): string {
  const line = text.trim().split('\n', 1)[0]?.trim() ?? '';
  if (line.length <= LONGEST) return line;
  const cut = line.slice(0, LONGEST);
  const space = cut.lastIndexOf(' ');
  return `${space > LONGEST / 2 ? cut.slice(0, space) : cut}…`;
}
