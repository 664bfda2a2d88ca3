/** What went wrong, and what to do about it. */
import type { ErrorCode } from '@convene/client';
import { faultsOf } from '../../faults.ts';
import { grammarOf } from '../../grammar.ts';
import told from './problems.json' with { type: 'json' };

export const problems = {
  ...told,
  /** Of refusals, by the codes of the wire: what happened, and what to do. */
  problems: told.problems satisfies Record<ErrorCode, string>,
  /** Of a form's fields, by the codes of the wire. */
  faults: faultsOf(told.faults, grammarOf('en')),
};
