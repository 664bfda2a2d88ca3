import { describe, expect, it, vi } from 'vitest';
import { Api } from '../src/api.ts';

const conversation = { id: 'a/b' };

function apiAnswering(...responses: (() => Response)[]) {
  const fetch = vi.fn<typeof globalThis.fetch>(() => {
    const respond = responses.shift();
    return respond ? Promise.resolve(respond()) : Promise.reject(new TypeError('network'));
  });
  const token = vi.fn((reason: string) => (reason === 'refused' ? 'fresh' : 'old'));
  return { api: new Api({ baseUrl: 'http://gateway.test', token, fetch }), fetch, token };
}

const sentToken = (call: unknown[]) =>
  new Headers((call[1] as RequestInit).headers).get('authorization');

describe('the REST side', () => {
  it('escapes what it puts in a path', async () => {
    const { api, fetch } = apiAnswering(() => Response.json(conversation));
    await api.conversation('a/b');
    expect(fetch.mock.calls[0]?.[0]).toBe('http://gateway.test/v1/conversations/a%2Fb');
  });

  it('asks once for another token when its own is refused', async () => {
    const refusal = () =>
      Response.json(
        { code: 'token_expired', message: 'Expired.', retryable: false },
        { status: 401 },
      );
    const { api, fetch } = apiAnswering(refusal, () => Response.json(conversation));
    await expect(api.conversation('c')).resolves.toEqual(conversation);
    expect(fetch.mock.calls.map(sentToken)).toEqual(['Bearer old', 'Bearer fresh']);
  });

  it('gives problems as they are', async () => {
    const problem = { code: 'forbidden', message: 'Guests are off.', retryable: false };
    const { api } = apiAnswering(() => Response.json(problem, { status: 403 }));
    await expect(api.guest('Ada')).rejects.toMatchObject(problem);
  });

  it('makes problems of answers that are none', async () => {
    const { api } = apiAnswering(() => new Response('<h1>Bad gateway</h1>', { status: 502 }));
    await expect(api.me()).rejects.toMatchObject({ code: 'internal', retryable: true });
    await expect(api.me()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('takes an empty answer for nothing', async () => {
    const { api } = apiAnswering(() => new Response(null, { status: 204 }));
    await expect(api.removeParticipant('c', 'user:bob')).resolves.toBeUndefined();
  });
});
