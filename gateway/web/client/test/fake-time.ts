/** Fake time and fake sockets around each test of the suite that asks for them. */
import { afterEach, beforeEach, vi } from 'vitest';
import { FakeSocket } from './fake-socket.ts';

/** `chance`: what `Math.random` gives, or `real`. */
export function underFakeTime({ chance = 0.5 }: { chance?: number | 'real' } = {}): void {
  beforeEach(() => {
    vi.useFakeTimers();
    if (chance !== 'real') vi.spyOn(Math, 'random').mockReturnValue(chance);
    FakeSocket.all = [];
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
}
