import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { enter, isSkipped, openPage, say } from './browser.ts';
import { Answering } from './gateway/agent.ts';
import type { Log } from './gateway/log.ts';
import { until } from './patience.ts';
import { browser, complaints, gateway, setStage, url } from './stage.ts';

const NO_ANSWER = { code: 'model_unavailable', message: 'The model gave no answer.' };

const isThere = (page: Page, text: string | RegExp) =>
  page.getByRole('list', { name: 'Messages' }).getByText(text).first().waitFor();

/** Enters as Ada and says something in a conversation of hers. */
async function begun(text: string): Promise<{ page: Page; log: Log }> {
  const page = await openPage(browser, url, complaints);
  await enter(page, 'Ada');
  await say(page, text);
  await until(() => gateway.said.some((said) => said.text === text));
  const log = gateway.log(gateway.said.at(-1)?.conversation ?? '');
  await isThere(page, text);
  return { page, log };
}

describe.skipIf(isSkipped)('the page', () => {
  setStage();

  it('lets a newcomer in with a name, and shows the answer as it is written', async () => {
    const { page, log } = await begun('Hello there');
    const answer = new Answering(log).start();
    await page.getByText('guide is thinking').waitFor();
    answer.begin('One **bold** ');
    await isThere(page, 'bold');
    answer.write('word.').complete().finish();
    await isThere(page, 'word.');
    expect(await page.locator('strong').textContent()).toBe('bold');
    expect(await page.title()).toBe('Hello there · Convene');
  });

  it('says that an agent which still learns is getting ready, until it answers', async () => {
    gateway.isLearning = true;
    const { page, log } = await begun('Are you there?');
    await page.getByText('guide is getting ready').waitFor();
    gateway.isLearning = false;
    const answer = new Answering(log).start();
    await page.getByText('guide is thinking').waitFor();
    expect(await page.getByText('guide is getting ready').count()).toBe(0);
    answer.begin('Here.').complete().finish();
    await isThere(page, 'Here.');
  });

  it('says before that an agent is not ready, and no longer than it is not', async () => {
    gateway.isLearning = true;
    gateway.trouble = 'flows/a.yaml:3:14: unknown key';
    const page = await openPage(browser, url, complaints);
    await enter(page, 'Ada');
    await page.getByText('Not ready yet: what you say waits.').waitFor();
    expect(await page.getByText('flows/a.yaml').count()).toBe(0);
    gateway.isLearning = false;
    await page.getByText('Not ready yet').waitFor({ state: 'detached' });
  });

  it('names first who answers where nobody is chosen', async () => {
    const page = await openPage(browser, url, complaints);
    await enter(page, 'Ada');
    const agents = page.getByRole('radio');
    await agents.first().waitFor();
    expect(await agents.first().getAttribute('value')).toBe('guide');
    expect(await agents.first().isChecked()).toBe(true);
    await page.getByText('Parrot').waitFor();
  });

  it('goes on at the exact byte after a reload and after a cut', async () => {
    const { page, log } = await begun('go');
    const answer = new Answering(log).start().begin('né 👩‍🚀');
    await isThere(page, 'né 👩‍🚀');
    await page.reload();
    await isThere(page, 'né 👩‍🚀');
    answer.write(' two');
    await isThere(page, 'né 👩‍🚀 two');
    gateway.drop({ stayAway: true });
    answer.write(' three');
    await page.getByText('Reconnecting…').waitFor();
    gateway.comeBack();
    answer.write(' four').complete().finish();
    await isThere(page, 'né 👩‍🚀 two three four');
    const messages = page.getByRole('list', { name: 'Messages' });
    expect(await messages.getByText('né 👩‍🚀').count()).toBe(1);
  });

  it('finds what was lost on the way by itself', async () => {
    const { page, log } = await begun('go');
    const parts = [{ type: 'text' as const, text: 'lost on the way' }];
    const message = { id: 'lost', author: 'agent:guide', parts };
    log.append({ type: 'message.created', message }, Date.now(), true);
    new Answering(log).answer('what came after');
    await isThere(page, 'what came after');
    await isThere(page, 'lost on the way');
  });

  it('keeps what was said without a connection, and sends it once there is one', async () => {
    const { page, log } = await begun('first');
    gateway.drop({ stayAway: true });
    await say(page, 'second');
    await page.getByText('Sending…').waitFor();
    await page.reload();
    gateway.comeBack();
    await until(() => gateway.said.some(({ text }) => text === 'second'));
    await isThere(page, 'second');
    expect(log.events.filter(({ type }) => type === 'message.created')).toHaveLength(2);
  });

  it('shows an attempt that breaks off, the next one, and a failure for good', async () => {
    const { page, log } = await begun('/fail 1');
    const answer = new Answering(log).start().begin('half a tho');
    await isThere(page, 'half a tho');
    answer.breakOff(NO_ANSWER);
    await page.getByText('The answer broke off. guide is trying again').waitFor();
    expect(await page.getByText('half a tho').count()).toBe(0);
    answer.start().begin('a whole thought').complete().finish();
    await isThere(page, 'a whole thought');
    await isThere(page, 'attempt 2');
    new Answering(log).start().fail(NO_ANSWER);
    await isThere(page, 'The language model cannot be reached right now.');
  });

  it('stops an answer by Escape and keeps what was said', async () => {
    const { page, log } = await begun('/stream');
    const answer = new Answering(log).start().begin('one two three');
    await isThere(page, 'one two three');
    await page.keyboard.press('Escape');
    await until(() => gateway.cancelled.includes(answer.run));
    answer.stop();
    await isThere(page, 'Stopped');
    await isThere(page, 'one two three');
    expect(await page.getByRole('button', { name: 'Stop (Escape)' }).count()).toBe(0);
  });

  it('brings another person in by a link, and shows each the other', async () => {
    const { page: ada } = await begun('Come in');
    await ada.getByRole('button', { name: 'Invite' }).click();
    const link = ada.getByLabel('Invitation link');
    await until(async () => (await link.inputValue()).includes('#join='));
    const bob = await openPage(browser, await link.inputValue(), complaints);
    await bob.getByText('You are invited').waitFor();
    await enter(bob, 'Bob');
    await isThere(bob, 'Come in');
    expect(bob.url()).not.toContain('join');
    await ada.keyboard.press('Escape');
    await isThere(ada, 'Bob joined');
    await ada.getByRole('button', { name: /People: 3, of whom 2 are here/ }).waitFor();
    await bob.getByRole('textbox', { name: 'Write a message' }).pressSequentially('hi');
    await ada.getByText('Bob is typing').waitFor();
    await bob.keyboard.press('Enter');
    await isThere(ada, 'hi');
    await bob.getByText('Seen by Ada').waitFor();
  });

  it('lets nothing out of Markdown: no HTML, no image, no script', async () => {
    const { page, log } = await begun('/markdown');
    new Answering(log).answer(
      [
        '![a cat](https://elsewhere.test/cat.png) <img src="https://elsewhere.test/x.png">',
        '<script>document.title = "owned"</script>',
        '[bad](javascript:alert(1)) [good](https://example.org) Vec<u8> end of it',
      ].join('\n\n'),
    );
    await isThere(page, 'end of it');
    await isThere(page, 'Image: a cat');
    await isThere(page, 'Vec<u8>');
    const messages = page.getByRole('list', { name: 'Messages' });
    expect(await messages.locator('img, script').count()).toBe(0);
    const good = messages.getByRole('link', { name: 'good' });
    expect(await good.getAttribute('rel')).toBe('noopener noreferrer');
    expect(await good.getAttribute('target')).toBe('_blank');
    expect(await messages.getByRole('link', { name: 'bad' }).count()).toBe(0);
    expect(await page.title()).not.toBe('owned');
  });

  it('stays at the end while it is in sight, and in its place otherwise', async () => {
    const { page, log } = await begun('long');
    const lines = (from: number) =>
      Array.from({ length: 60 }, (_, line) => `line ${from + line}`).join('\n\n');
    const answer = new Answering(log).start().begin(lines(0));
    await isThere(page, 'line 59');
    const distance = () =>
      page
        .locator('[class*=frame]')
        .evaluate((frame) => frame.scrollHeight - frame.scrollTop - frame.clientHeight);
    await until(async () => (await distance()) < 2);
    // In one step: a wheel's movement goes on for a while.
    await page.locator('[class*=frame]').evaluate((frame) => {
      frame.scrollTop -= 600;
    });
    await page.getByRole('button', { name: 'To the newest message' }).waitFor();
    const top = () => page.locator('[class*=frame]').evaluate((frame) => frame.scrollTop);
    const before = await top();
    answer.write(`\n\n${lines(60)}`);
    await isThere(page, 'line 119');
    expect(await top()).toBe(before);
    await page.getByRole('button', { name: 'To the newest message' }).click();
    await until(async () => (await distance()) < 2);
    answer.complete().finish();
  });

  it('reads the past when scrolled to, without moving what is in sight', async () => {
    const { page, log } = await begun('first of many');
    for (let number = 0; number < 400; number += 1) {
      const parts = [{ type: 'text' as const, text: `message ${number}` }];
      const message = { id: `m${number}`, author: 'agent:guide', parts };
      log.append({ type: 'message.created', message });
    }
    await isThere(page, 'message 399');
    await page.evaluate(() => {
      sessionStorage.clear();
    });
    await page.reload();
    await isThere(page, 'message 399');
    expect(await page.getByText('message 150', { exact: true }).count()).toBe(0);
    await page.mouse.move(640, 300);
    await until(async () => {
      await page.mouse.wheel(0, -1500);
      const messages = page.getByRole('list', { name: 'Messages' });
      return (await messages.getByText('first of many').count()) > 0;
    });
    const texts = await page.getByText(/^message \d+$/).allTextContents();
    expect(texts).toEqual(Array.from({ length: 400 }, (_, number) => `message ${number}`));
  });

  it('asks for a token where guests are not let in', async () => {
    gateway.guestsAllowed = false;
    gateway.people.set('secret', { id: 'user:eve', name: 'Eve' });
    const page = await openPage(browser, url, complaints);
    await page.getByLabel('Your name').fill('Eve');
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByLabel('Access token').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('This token is not good').waitFor();
    await page.getByLabel('Access token').fill('secret');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Hello, Eve.').waitFor();
    gateway.people.clear();
    gateway.drop();
    await page.getByText('Your session has ended. Paste a fresh token').waitFor();
    await page.getByLabel('Access token').waitFor();
  });

  it('has room for a long name on a phone', async () => {
    const page = await openPage(browser, url, complaints);
    await page.setViewportSize({ width: 390, height: 844 });
    await enter(page, 'N'.repeat(64));
    await page.goto(`${url}/#/`);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBe(390);
  });

  it('asks to sign in again when the token is no longer good', async () => {
    const { page } = await begun('hello');
    gateway.people.clear();
    gateway.drop();
    await page.getByText('Your session has ended.').waitFor();
    expect(await page.getByLabel('Your name').inputValue()).toBe('Ada');
  });

  it('renames a conversation for all, in the list too', async () => {
    const { page } = await begun('hello');
    await page.getByRole('heading', { name: 'hello' }).getByRole('button').click();
    await page.getByLabel('Title').fill('A better name');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'A better name' }).waitFor();
    await page.getByRole('navigation').getByText('A better name').waitFor();
  });
});
