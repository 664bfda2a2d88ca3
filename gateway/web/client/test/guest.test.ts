import { describe, expect, it, vi } from 'vitest';
import { guestToken, guestTokens } from '../src/guest.ts';
import type { GuestToken } from '../src/guest.ts';
import { underFakeTime } from './fake-time.ts';

const DAY_MS = 24 * 3600 * 1000;
const guest = (token: string) => ({
  token,
  participant: 'user:guest-1',
  name: 'Gwen',
  expires_at: (Date.now() + 2 * DAY_MS) / 1000,
});

function setUp() {
  let held: GuestToken | undefined = guestToken(guest('old'));
  const place = {
    load: () => held,
    save: (token: GuestToken) => {
      held = token;
    },
  };
  const fetch = vi.fn<typeof globalThis.fetch>(() => Promise.resolve(Response.json(guest('new'))));
  const tokens = guestTokens({ baseUrl: 'http://gateway.test', place, fetch });
  return { tokens, place, fetch };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe("a guest's token", () => {
  underFakeTime();

  it('stays for the first half of its time', async () => {
    const { tokens, fetch } = setUp();
    await expect(tokens('connect')).resolves.toBe('old');
    expect(fetch).not.toHaveBeenCalled();
  });

  it('is replaced in the second half, without anybody waiting for it', async () => {
    const { tokens, fetch } = setUp();
    await vi.advanceTimersByTimeAsync(DAY_MS);
    await expect(tokens('connect')).resolves.toBe('old');
    await expect(tokens('connect')).resolves.toBe('old');
    await settle();
    await expect(tokens('connect')).resolves.toBe('new');
    expect(fetch).toHaveBeenCalledTimes(1);
    const [url, init] = fetch.mock.calls[0] ?? [];
    expect(url).toBe('http://gateway.test/v1/auth/renew');
    expect(new Headers(init?.headers).get('authorization')).toBe('Bearer old');
  });

  it('is replaced at once where the one in use expires', async () => {
    const { tokens } = setUp();
    await expect(tokens('expiring', 'old')).resolves.toBe('new');
  });

  it('may come from another tab', async () => {
    const { tokens, place, fetch } = setUp();
    place.save(guestToken(guest('other')));
    await expect(tokens('expiring', 'old')).resolves.toBe('other');
    expect(fetch).not.toHaveBeenCalled();
  });

  it('is given up when it was refused', async () => {
    const { tokens } = setUp();
    await expect(tokens('refused', 'old')).resolves.toBeUndefined();
  });

  it('is not given up for an older one that is refused late', async () => {
    const { tokens } = setUp();
    await vi.advanceTimersByTimeAsync(DAY_MS);
    await tokens('connect'); // the socket's
    await settle();
    await expect(tokens('connect')).resolves.toBe('new'); // that of a request
    await expect(tokens('refused', 'old')).resolves.toBe('new');
    await expect(tokens('refused', 'new')).resolves.toBeUndefined();
  });

  it('serves on while no other can be had', async () => {
    const { tokens, fetch } = setUp();
    fetch.mockRejectedValueOnce(new TypeError('network'));
    await vi.advanceTimersByTimeAsync(DAY_MS);
    await tokens('connect');
    await settle();
    await expect(tokens('connect')).resolves.toBe('old');
    expect(fetch).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(30_000);
    await tokens('connect');
    await settle();
    await expect(tokens('connect')).resolves.toBe('new');
  });
});
