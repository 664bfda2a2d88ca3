/** How long a test waits for what must come: so long that only what never comes is too late. */
import { vi } from 'vitest';

/** Milliseconds. A machine under load is slow, and a test that is green has waited for nothing. */
export const PATIENCE = 60_000;

/** Waits until it holds. `vi.waitUntil` by itself gives up after a second. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitUntil(holds, { timeout: PATIENCE });
}
