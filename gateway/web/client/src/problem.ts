/** Refusals, from the server or from the way to it, in one type. */
import type { ErrorCode, FieldFault, ProblemBody } from './types.ts';

export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ErrorCode;
  /** Whether the same request may succeed later, unchanged. */
  readonly retryable: boolean;
  /** What is wrong with a form that was submitted, field by field. */
  readonly faults: readonly FieldFault[];
  /** Whether a server has said so; if not, it was not reached, or did not answer. */
  readonly reached: boolean;

  constructor({ code, message, retryable, faults }: ProblemBody, { reached = true } = {}) {
    super(message);
    this.reached = reached;
    this.code = code;
    this.retryable = retryable;
    this.faults = faults ?? [];
  }
}

/** For what never reached the server, or was never answered. */
export function unreachable(message: string): ProblemError {
  return new ProblemError({ code: 'unavailable', message, retryable: true }, { reached: false });
}

export function isProblemBody(value: unknown): value is ProblemBody {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    typeof value.code === 'string' &&
    'message' in value &&
    typeof value.message === 'string' &&
    'retryable' in value &&
    typeof value.retryable === 'boolean'
  );
}
