/** The page on the real thing: `tests/it/page.rs` starts it, and says where it is. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { enter, isSkipped, launch, openPage, say } from './browser.ts';

const url = process.env.CONVENE_TEST_URL ?? '';
const PATIENCE = 60_000;

let browser: Browser;
let complaints: string[];

const messages = (page: Page) => page.getByRole('list', { name: 'Messages' });

/** The numbers that the guide has counted in its last answer. */
async function counted(page: Page): Promise<number[]> {
  const answers = messages(page)
    .locator('li')
    .filter({ hasText: /^G?guide/ });
  const texts = await answers.locator('p').allInnerTexts();
  return texts
    .join(' ')
    .split(/\s+/)
    .filter((word) => /^\d+$/.test(word))
    .map(Number);
}

/** Waits until the guide has counted to `end`, each number once and in order. */
async function countsTo(page: Page, end: number): Promise<void> {
  await expect
    .poll(async () => (await counted(page)).at(-1), { timeout: PATIENCE })
    .toBeGreaterThanOrEqual(end);
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

  it(
    'shows an answer as it is written, to both who watch, over a reload and a cut',
    { timeout: 3 * PATIENCE },
    async () => {
      complaints = [];
      const ada = await openPage(browser, url, complaints);
      await enter(ada, 'Ada');
      await say(ada, '/echo good day');
      await messages(ada).getByText('good day', { exact: true }).waitFor({ timeout: PATIENCE });

      await ada.getByRole('button', { name: 'Invite' }).click();
      const link = ada.getByLabel('Invitation link');
      await expect.poll(() => link.inputValue(), { timeout: PATIENCE }).toContain('#join=');
      const bob = await openPage(browser, await link.inputValue(), complaints);
      await enter(bob, 'Bob');
      await messages(bob).getByText('good day', { exact: true }).waitFor({ timeout: PATIENCE });
      await ada.keyboard.press('Escape');

      await say(bob, '/stream 400 at 40');
      await countsTo(ada, 20);
      await ada.reload();
      await bob.context().setOffline(true);
      await countsTo(ada, 60);
      await bob.context().setOffline(false);
      await countsTo(ada, 400);
      await countsTo(bob, 400);
    },
  );

  it('stops an answer and keeps what was said', { timeout: 2 * PATIENCE }, async () => {
    complaints = [];
    const ada = await openPage(browser, url, complaints);
    await enter(ada, 'Ada');
    await say(ada, '/stream 5000 at 40');
    await countsTo(ada, 20);
    await ada.keyboard.press('Escape');
    await say(ada, '/echo afterwards');
    await messages(ada).getByText('afterwards', { exact: true }).waitFor({ timeout: PATIENCE });
    const numbers = await counted(ada);
    expect(numbers.length).toBeLessThan(4000);
  });
});
