import { describe, expect, it } from 'vitest';
import { freshId } from '../src/ids.ts';

describe('fresh ids', () => {
  it('are UUIDs of version 7, without dashes', () => {
    for (let round = 0; round < 100; round += 1) {
      expect(freshId()).toMatch(/^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    }
  });

  it('sort by time, and differ at one time', () => {
    expect(freshId(1000) < freshId(1001)).toBe(true);
    expect(new Set(Array.from({ length: 100 }, () => freshId(5))).size).toBe(100);
  });
});
