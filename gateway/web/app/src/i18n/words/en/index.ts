/** English: the catalogue that every other language has the same keys as. */
import { notes } from './notes.ts';
import { page } from './page.ts';
import { problems } from './problems.ts';

export const words = { ...page, ...problems, notes };

export type Words = typeof words;
export type PageWords = typeof page;
export type ProblemWords = typeof problems;
export type NoteWords = typeof notes;
