/** What went wrong, as a sentence in the reader's language. */
import { ProblemError } from '@convene/client';
import type { ErrorCode, Failure } from '@convene/client';
import type { Words } from './words/en/index.ts';

/** What a code means where it is met, when that is something closer than what it means anywhere. */
export type Here = Partial<Record<ErrorCode, string>>;

/** Of a code that is newer than this page, the server's own words are all there is. */
export function problemSentence(problem: unknown, words: Words, here: Here = {}): string {
  if (!(problem instanceof ProblemError)) return words.unknownProblem;
  if (!problem.reached) return words.unreached;
  const known: Partial<Record<string, string>> = words.problems;
  return here[problem.code] ?? known[problem.code] ?? problem.message;
}

/** Why a run failed. Agents of others have codes and words of their own. */
export function failureSentence({ code, message }: Failure, words: Words): string {
  const known: Partial<Record<string, string>> = words.failures;
  return known[code] ?? message;
}
