import type { Words } from '../en/index.ts';
import { notes } from './notes.ts';
import { page } from './page.ts';
import { problems } from './problems.ts';

export const words: Words = { ...page, ...problems, notes };
