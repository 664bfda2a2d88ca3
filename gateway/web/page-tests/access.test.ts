/** The page for those who do not see it, or use no mouse: axe on each screen, and the keyboard. */
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { violations } from './axe.ts';
import { enter, isSkipped, openPage, say } from './browser.ts';
import { Answering } from './gateway/agent.ts';
import { Log } from './gateway/log.ts';
import { PATIENCE, until } from './patience.ts';
import { SAMPLE } from './sample.ts';
import { browser, complaints, gateway, setStage, url } from './stage.ts';

const messages = (page: Page) => page.getByRole('list', { name: 'Messages' });

async function begun(page: Page): Promise<Log> {
  await enter(page, 'Ada Lovelace');
  await say(page, 'hello');
  await until(() => gateway.said.length > 0);
  await messages(page).getByText('hello').waitFor();
  return gateway.log(gateway.said.pop()?.conversation ?? '');
}

const SCREENS = {
  'desktop, light': { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  'desktop, dark': { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  'phone, light': { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
  'phone, dark': { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
} as const;

describe.skipIf(isSkipped)('the page for everybody', () => {
  setStage();

  it.each(Object.entries(SCREENS))('breaks no rule of axe: %s', async (_, screen) => {
    const page = await openPage(browser, url, complaints, screen);
    const isFine = async () => {
      expect(await violations(page)).toEqual([]);
    };
    await isFine();
    await page.getByRole('button', { name: 'Use an access token' }).click();
    await page.getByLabel('Access token').fill('x');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await isFine();
    await page.getByRole('button', { name: 'Go in with a name' }).click();
    const log = await begun(page);
    const bob = { id: 'user:bob', name: 'Bob Ross', role: 'member' } as const;
    log.append({ type: 'participant.joined', participant: bob });
    new Answering(log).answer(SAMPLE);
    const parts = [{ type: 'text' as const, text: 'Nice, with `code`.' }];
    log.append({ type: 'message.created', message: { id: 'b1', author: bob.id, parts } });
    log.signal(bob.id, { signal: 'presence', here: true });
    log.signal(bob.id, { signal: 'typing' });
    new Answering(log).start().begin('half').stop();
    new Answering(log).start().fail({ code: 'model_unavailable', message: 'No answer.' });
    new Answering(log).start().begin('being written');
    await messages(page).getByText('being written').waitFor();
    await isFine();
    await page.getByRole('button', { name: /^People/ }).click();
    await page.getByRole('button', { name: 'Invite somebody' }).click();
    await page.getByText('It works until').waitFor();
    await isFine();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'hello' }).getByRole('button').click();
    await page.getByLabel('Title').waitFor();
    await isFine();
    await page.keyboard.press('Escape');
    gateway.drop({ stayAway: true });
    await page.getByText('Reconnecting…').waitFor();
    await say(page, 'anybody?');
    await page.getByText('Sending…').waitFor();
    await isFine();
    gateway.comeBack();
    await page.goto(`${url}/#/new`);
    await page.getByText('Show me around').waitFor();
    await isFine();
    await page.goto(`${url}/#/`);
    await page.locator('[data-showing=list]').waitFor();
    await isFine();
    await page.goto(`${url}/#/c/nowhere`);
    await page.getByText('Not a conversation of yours').waitFor();
    await isFine();
    await page.goto(`${url}/#join=bad`);
    await page.getByText('You could not be let in').waitFor();
    await isFine();
    const party = new Log('party', 'A party', [{ id: 'user:eve', name: 'Eve', role: 'owner' }]);
    gateway.logs.set('party', party);
    await page.goto(`${url}/#join=invite-party`);
    await page.getByText('Eve invites you to').waitFor();
    await isFine();
  });

  it('can be used with the keys alone, from the door to the way out', async () => {
    const page = await openPage(browser, url, complaints);
    const focused = (what: string) => page.locator(`${what}:focus`).waitFor();
    await focused('input');
    await page.keyboard.type('Ada');
    await page.keyboard.press('Enter');
    await page.getByText('Show me around').waitFor();
    await focused('textarea');
    await page.keyboard.type('hello');
    await page.keyboard.press('Enter');
    await messages(page).getByText('hello').waitFor();
    await focused('textarea');
    await page.keyboard.type('again');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('and again');
    await page.keyboard.press('Enter');
    await messages(page).getByText('and again').waitFor();
    const people = page.getByRole('button', { name: /^People/ });
    await people.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    for (let step = 0; step < 12; step += 1) await page.keyboard.press('Tab');
    const isInside = await page.evaluate(
      () =>
        document.activeElement === document.body ||
        document.activeElement?.closest('dialog') !== null,
    );
    expect(isInside).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await until(() => people.evaluate((button) => button === document.activeElement));
    const seen: string[] = [];
    for (let step = 0; step < 30; step += 1) {
      await page.keyboard.press('Tab');
      const { name, outline } = await page.evaluate(() => {
        const element = document.activeElement ?? document.body;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        const shown = getComputedStyle(element.closest('form > div') ?? element);
        return {
          name: element.getAttribute('aria-label') ?? element.textContent,
          outline:
            outlineStyle !== 'none' && outlineWidth !== '0px' ? 'outline' : shown.borderColor,
        };
      });
      expect(outline, name).not.toBe('');
      seen.push(name);
      if (name === 'Sign out') break;
    }
    await page.keyboard.press('Enter');
    await page.getByLabel('Your name').waitFor();
  });

  it('reads out what others say once it is whole, and counts what was missed', async () => {
    const page = await openPage(browser, url, complaints);
    await page.clock.install();
    const log = await begun(page);
    const heard = page.locator('main > [role=status][class=unseen]');
    const answer = new Answering(log).start().begin('one ');
    await messages(page).getByText('one').waitFor();
    await until(async () => (await heard.textContent()) === 'guide is answering.');
    answer.write('two').complete().finish();
    await until(async () => (await heard.textContent()) === 'guide: one two');
    gateway.drop({ stayAway: true });
    for (let number = 0; number < 20; number += 1) {
      const parts = [{ type: 'text' as const, text: `missed ${number}` }];
      log.append({
        type: 'message.created',
        message: { id: `x${number}`, author: 'user:b', parts },
      });
    }
    // The page's clock moves by steps until all of it has come: a slow one would count in lots.
    await page.getByText('Reconnecting…').waitFor();
    await page.clock.pauseAt(Date.now() + PATIENCE);
    let hasCome = false;
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => (hasCome ||= payload.includes('missed 19')));
    });
    gateway.comeBack();
    await until(async () => {
      await page.clock.runFor(100);
      return log.listeners.size > 0;
    });
    await until(() => hasCome);
    await until(async () => {
      await page.clock.runFor(100);
      return (await heard.textContent()) === '20 new messages.';
    });
  });
});
