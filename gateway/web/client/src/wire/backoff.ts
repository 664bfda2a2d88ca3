/** How long to wait before trying again: exponential, with full jitter. */

export interface BackoffRange {
  /** Upper bound of the first wait, in milliseconds. */
  readonly base: number;
  /** Upper bound of every wait, in milliseconds. */
  readonly cap: number;
}

/** A random time below `base * 2^attempt`, itself below `cap`. `attempt` counts from 0. */
export function backoff(
  attempt: number,
  { base, cap }: BackoffRange,
  random: () => number = Math.random,
): number {
  return random() * Math.min(cap, base * 2 ** Math.min(attempt, 30));
}
