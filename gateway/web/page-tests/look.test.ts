/** Pictures of the page, for eyes: `SHOTS=1 npm run test:page` leaves them in `shots/`. */
import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { enter, launch, openPage, say } from './browser.ts';
import { Answering } from './gateway/agent.ts';
import { FakeGateway } from './gateway/gateway.ts';
import type { Log } from './gateway/log.ts';
import { SAMPLE } from './sample.ts';

const SIZES = {
  phone: { width: 390, height: 844 },
  narrow: { width: 320, height: 640 },
  desktop: { width: 1280, height: 800 },
};

let browser: Browser;
let gateway: FakeGateway;
let url: string;

const shoot = (page: Page, name: string) =>
  page.screenshot({ path: new URL(`shots/${name}.png`, import.meta.url).pathname });

async function lively(page: Page): Promise<Log> {
  await say(page, 'Could you show me what a rich answer looks like?');
  await vi.waitUntil(() => gateway.said.length > 0);
  const log = gateway.log(gateway.said.pop()?.conversation ?? '');
  const bob = { id: 'user:bob', name: 'Bob Ross', role: 'member' } as const;
  log.append({ type: 'participant.joined', participant: bob });
  new Answering(log).answer(SAMPLE);
  const text = 'Nice. Does it keep up when I *interrupt*?\nOn a second line, too.';
  const parts = [{ type: 'text' as const, text }];
  log.append({ type: 'message.created', message: { id: 'b1', author: bob.id, parts } });
  log.signal(bob.id, { signal: 'presence', here: true });
  await say(page, 'Let us see.');
  await vi.waitUntil(() => gateway.said.length > 0);
  gateway.said.pop();
  return log;
}

describe.skipIf(process.env.SHOTS === undefined)('pictures', () => {
  beforeAll(async () => {
    browser = await launch();
    gateway = new FakeGateway();
    url = await gateway.listen();
  });

  afterAll(async () => {
    await browser.close();
    await gateway.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      it(`of ${size}, ${colorScheme}`, async () => {
        const name = (what: string) => `${size}-${colorScheme}-${what}`;
        const page = await openPage(browser, url, [], { colorScheme, viewport });
        await shoot(page, name('1-welcome'));
        await enter(page, 'Ada Lovelace');
        await page.getByText('Show me around').waitFor();
        await shoot(page, name('2-new'));
        const log = await lively(page);
        const answer = new Answering(log).start();
        await page.getByText('guide is thinking').waitFor();
        answer.begin('It does. Every word that you see **here** is written to the log first');
        log.signal('user:bob', { signal: 'typing' });
        await page.getByText('Bob Ross is typing').waitFor();
        await shoot(page, name('3-streaming'));
        answer.breakOff({ code: 'model_unavailable', message: 'No answer.' });
        await page.getByText('trying again').waitFor();
        await shoot(page, name('4-retrying'));
        answer.start().begin('It does, and it *heals*.').complete().finish();
        new Answering(log).start().begin('I was about to say that').stop();
        const message = 'The model gave no answer within 30 s. Ask again in a moment.';
        new Answering(log).start().fail({ code: 'model_unavailable', message });
        gateway.drop({ stayAway: true });
        await page.getByText('Reconnecting…').waitFor();
        await say(page, 'Is anybody there?');
        await page.waitForTimeout(1800);
        await shoot(page, name('5-ended'));
        gateway.comeBack();
        await page.mouse.move(viewport.width * 0.7, 400);
        await page.mouse.wheel(0, -5000);
        await page.waitForTimeout(300);
        await shoot(page, name('6-top'));
        await page.getByRole('button', { name: /^People/ }).click();
        await page.waitForTimeout(300);
        await shoot(page, name('7-people'));
        await page.keyboard.press('Escape');
        if (viewport.width < 768) {
          await page.getByRole('link', { name: 'Back to the conversations' }).click();
          await shoot(page, name('8-list'));
        }
        await page.context().close();
      });
    }
  }
});
