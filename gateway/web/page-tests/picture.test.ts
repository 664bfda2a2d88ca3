/** The README's picture, of the product as it is: `cargo xtask screenshot` starts it. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { enter, launch, openPage, say } from './browser.ts';

const { CONVENE_PICTURE: path, CONVENE_TEST_URL: url = '' } = process.env;

let browser: Browser;

async function sees(page: Page, text: string): Promise<void> {
  const messages = page.getByRole('list', { name: 'Messages' });
  await messages.getByText(text, { exact: false }).last().waitFor();
}

describe.skipIf(path === undefined)('the picture', () => {
  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(async () => {
    await browser.close();
  });

  it('shows two people at the desk of a shop', async () => {
    const viewport = { width: 1100, height: 800 };
    const ada = await openPage(browser, url, [], { viewport });
    await enter(ada, 'Ada');
    await say(ada, 'I want to send AB1234 back, it is broken');
    await sees(ada, 'What would you like?');
    await ada.getByRole('button', { name: 'Invite' }).click();
    const link = ada.getByLabel('Invitation link');
    await ada.waitForFunction(
      (input) => (input as HTMLInputElement).value.includes('#join='),
      await link.elementHandle(),
    );
    const bob = await openPage(browser, await link.inputValue(), []);
    await enter(bob, 'Bob');
    await ada.keyboard.press('Escape');
    await say(bob, 'I have ridden mine for years. Take a new one!');
    await sees(ada, 'Take a new one!');
    await ada.getByRole('button', { name: 'A replacement' }).click();
    await ada.getByLabel('Pieces').fill('1');
    await ada.getByLabel('E-mail address').fill('ada@example.org');
    await ada.mouse.move(0, 0);
    await ada.screenshot({ path });
  });
});
