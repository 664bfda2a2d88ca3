/** العربية: ما تعطّل وما العمل. */
import { faultsOf } from '../../faults.ts';
import { grammarOf } from '../../grammar.ts';
import type { ProblemWords } from '../en/index.ts';
import told from './problems.json' with { type: 'json' };

export const problems: ProblemWords = {
  ...told,
  faults: faultsOf(told.faults, grammarOf('ar')),
};
