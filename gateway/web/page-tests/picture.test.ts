/** The README's picture, of the product as it is: `cargo xtask screenshot` starts it. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { enter, launch, openPage, say } from './browser.ts';

const { CONVENE_PICTURE: path, CONVENE_TEST_URL: url = '' } = process.env;
const PATIENCE = 60_000;

const ANSWER = `Here is a plan for the move, in three steps:

1. **Announce it** in the morning: who is affected, and for how long.
2. **Copy the records** while the old system still answers, then compare both.
3. **Switch** at noon, when the fewest people write.

| step | who | when |
| --- | --- | --- |
| announce | Ada | 9:00 |
| copy, compare | Bob | 9:30 |
| switch | both of you | 12:00 |

If the comparison shows a difference, stop there: nothing is lost yet, and the old system`;

/** A model that stops in the middle of its answer, for the camera. */
function model(): Server {
  return createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const choices = [{ index: 0, delta: { content: ANSWER }, finish_reason: null }];
    response.write(`data: ${JSON.stringify({ choices })}\n\n`);
  });
}

let browser: Browser;
const provider = model();

describe.skipIf(path === undefined)('the picture', () => {
  beforeAll(async () => {
    browser = await launch();
    provider.listen(Number(process.env.CONVENE_PICTURE_MODEL), '127.0.0.1');
  });

  afterAll(async () => {
    await browser.close();
    provider.closeAllConnections();
    provider.close();
  });

  it('shows two people and an answer under way', { timeout: 2 * PATIENCE }, async () => {
    const viewport = { width: 1100, height: 760 };
    const ada = await openPage(browser, url, [], { viewport });
    await enter(ada, 'Ada');
    await say(ada, 'Bob and I move the archive next week. How would you go about it?');
    await ada.getByRole('button', { name: 'Invite' }).click();
    const link = ada.getByLabel('Invitation link');
    await ada.waitForFunction(
      (input) => (input as HTMLInputElement).value.includes('#join='),
      await link.elementHandle(),
    );
    const bob = await openPage(browser, await link.inputValue(), []);
    await enter(bob, 'Bob');
    await ada.keyboard.press('Escape');
    await ada.getByText('the old system', { exact: false }).last().waitFor({ timeout: PATIENCE });
    await say(bob, 'I am here, too. Noon suits me.');
    await ada
      .getByText('I am here, too. Noon suits me.', { exact: true })
      .waitFor({ timeout: PATIENCE });
    await ada.getByRole('textbox', { name: /Write/ }).focus();
    await ada.screenshot({ path });
  });
});
