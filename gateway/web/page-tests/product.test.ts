/** The page on the real thing: `tests/it/page.rs` starts it, and says where it is. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { enter, isSkipped, launch, openPage, say } from './browser.ts';
import { cutterTo } from './cutter.ts';

const url = process.env.CONVENE_TEST_URL ?? '';
/** A token of an operator, where the shop's agent answers. */
const staff = process.env.CONVENE_TEST_STAFF ?? '';

let browser: Browser;
let complaints: string[];

const messages = (page: Page) => page.getByRole('list', { name: 'Messages' });

/** The numbers that the guide has counted in its last answer. */
async function counted(page: Page): Promise<number[]> {
  const answers = messages(page)
    .locator('li')
    .filter({ hasText: /^G?Guide/ });
  const texts = await answers.locator('p').allInnerTexts();
  return texts
    .join(' ')
    .split(/\s+/)
    .filter((word) => /^\d+$/.test(word))
    .map(Number);
}

/** Waits until the guide has counted to `end`, each number once and in order. */
async function countsTo(page: Page, end: number): Promise<void> {
  await expect.poll(async () => (await counted(page)).at(-1)).toBeGreaterThanOrEqual(end);
  const numbers = await counted(page);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
}

describe.skipIf(isSkipped || url === '')('the page on the product', () => {
  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(async () => {
    await browser.close();
  });

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    expect(complaints).toEqual([]);
  });

  it('shows an answer as it is written, to both who watch, over a reload and a cut', async () => {
    complaints = [];
    const ada = await openPage(browser, url, complaints);
    await enter(ada, 'Ada');
    await say(ada, '/echo good day');
    await messages(ada).getByText('good day', { exact: true }).waitFor();

    await ada.getByRole('button', { name: 'Invite' }).click();
    const link = ada.getByLabel('Invitation link');
    await expect.poll(() => link.inputValue()).toContain('#join=');
    const bob = await openPage(browser, await link.inputValue(), complaints);
    await enter(bob, 'Bob');
    await messages(bob).getByText('good day', { exact: true }).waitFor();
    await ada.keyboard.press('Escape');

    await say(bob, '/stream 400 at 40');
    await countsTo(ada, 20);
    await ada.reload();
    await bob.context().setOffline(true);
    await countsTo(ada, 60);
    await bob.context().setOffline(false);
    await countsTo(ada, 400);
    await countsTo(bob, 400);
  });

  it('stops an answer and keeps what was said', async () => {
    complaints = [];
    const ada = await openPage(browser, url, complaints);
    await enter(ada, 'Ada');
    await say(ada, '/stream 5000 at 40');
    await countsTo(ada, 20);
    await ada.keyboard.press('Escape');
    await say(ada, '/echo afterwards');
    await messages(ada).getByText('afterwards', { exact: true }).waitFor();
    const numbers = await counted(ada);
    expect(numbers.length).toBeLessThan(4000);
  });

  it('takes one press of a card, and a form as the server wants it', async () => {
    complaints = [];
    const ada = await openPage(browser, url, complaints);
    await enter(ada, 'Ada');
    await say(ada, 'hello');
    const replies = ada.getByRole('list', { name: 'Quick replies' });
    await replies.getByRole('button', { name: 'Show a card' }).click();
    await ada.getByRole('button', { name: 'Take the seat' }).click();
    await ada.getByRole('button', { name: 'Take the seat ✓ you' }).waitFor();
    await messages(ada).getByText('Ada was first').waitFor();
    await say(ada, '/form');
    await ada.getByRole('textbox', { name: 'Name' }).fill('Ada');
    const tickets = ada.getByRole('textbox', { name: 'Tickets' });
    await tickets.fill('9');
    const order = ada.getByRole('button', { name: 'Order' });
    await order.click();
    await ada.getByText('It must be at most 6.').waitFor();
    await tickets.fill('2');
    await order.click();
    await messages(ada).getByText('This is what came in').waitFor();
  });

  it('says in the language of the browser what a form lacks', async () => {
    complaints = [];
    const ada = await openPage(browser, url, complaints, { locale: 'de-DE' });
    await ada.getByLabel('Ihr Name').fill('Ada');
    await ada.getByRole('button', { name: 'Beginnen' }).click();
    await ada.locator('textarea').fill('/form');
    await ada.keyboard.press('Enter');
    const tickets = ada.getByRole('textbox', { name: 'Tickets' });
    await tickets.fill('9');
    await ada.getByRole('button', { name: 'Order' }).click();
    await ada.getByText('Es darf höchstens 6 sein.').waitFor();
    await ada.getByText('Bitte ausfüllen.').waitFor();
  });

  it.skipIf(staff === '')('shows staff what was understood, live and after a reload', async () => {
    complaints = [];
    const olga = await openPage(browser, url, complaints);
    await olga.getByRole('button', { name: 'Use an access token' }).click();
    await olga.getByLabel('Access token').fill(staff);
    await olga.getByRole('button', { name: 'Sign in' }).click();
    await olga.getByRole('radio', { name: /^Velora/ }).check({ force: true });
    await say(olga, 'Where is my order AB1234?');
    await olga.getByRole('switch', { name: 'Show what was understood' }).click();
    const panel = olga.getByRole('group', { name: 'What was understood' });
    const isTold = async () => {
      await panel.getByText('track_order', { exact: true }).first().waitFor();
      await panel.getByText('AB1234', { exact: true }).first().waitFor();
      await panel.getByText('first step').first().waitFor();
    };
    await isTold();
    await olga.reload();
    await isTold();
  });

  it('resumes a stock EventSource at the exact byte', async () => {
    complaints = [];
    const post = async (path: string, token: string, body: object) => {
      const answer = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
      expect(answer.ok).toBe(true);
      return (await answer.json()) as Record<string, string>;
    };
    const { token = '' } = await post('/v1/auth/guest', '', { name: 'Ada' });
    const { id = '' } = await post('/v1/conversations', token, {});
    const cutter = await cutterTo(url);
    const page = await openPage(browser, cutter.url, complaints);
    await page.context().addCookies([{ name: 'convene_token', value: token, url: cutter.url }]);
    await page.evaluate((conversation) => {
      const heard = { opened: 0, text: '', wrong: '', whole: '' };
      Object.assign(globalThis, { heard });
      const source = new EventSource(`/v1/conversations/${conversation}/events`);
      source.onopen = () => (heard.opened += 1);
      source.addEventListener('reset', () => (heard.wrong = 'reset'));
      source.addEventListener('delta', ({ data }) => {
        const delta = JSON.parse(String(data)) as { offset: number; text: string };
        if (delta.offset !== heard.text.length)
          heard.wrong = `${delta.offset} at ${heard.text.length}`;
        heard.text += delta.text;
      });
      source.addEventListener('event', ({ data }) => {
        const { event } = JSON.parse(String(data)) as {
          event: { type: string; message: { parts: { text: string }[] } };
        };
        if (event.type === 'message.completed') heard.whole = event.message.parts[0]?.text ?? '';
      });
    }, id);
    const heard = () =>
      page.evaluate(
        () =>
          (globalThis as unknown as Record<string, unknown>).heard as {
            opened: number;
            text: string;
            wrong: string;
            whole: string;
          },
      );
    const until = (wish: string, holds: (now: Awaited<ReturnType<typeof heard>>) => boolean) =>
      expect.poll(async () => holds(await heard()), { message: wish }).toBe(true);

    await until('it is open', (now) => now.opened === 1);
    const parts = [{ type: 'text', text: '/stream 400 at 40' }];
    await post(`/v1/conversations/${id}/messages`, token, { id: 'm1', parts });
    await until('some text is there', (now) => now.text.length > 40);
    cutter.cut();
    await until('it is open again', (now) => now.opened > 1);
    await until('the answer is whole', (now) => now.whole !== '');
    const { text, wrong, whole } = await heard();
    expect(wrong).toBe('');
    expect(whole.startsWith(text)).toBe(true);
    cutter.close();
  });
});
