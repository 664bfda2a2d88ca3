/** What goes wrong around the page, and what people do that nobody thought of. */
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { enter, isSkipped, openPage, say, slowDown } from './browser.ts';
import { Answering } from './gateway/agent.ts';
import type { Log } from './gateway/log.ts';
import { until } from './patience.ts';
import { browser, complaints, gateway, setStage, url } from './stage.ts';

const messages = (page: Page) => page.getByRole('list', { name: 'Messages' });
const field = (page: Page) => page.getByRole('textbox', { name: /Write/ });

async function begun(page: Page, text: string): Promise<Log> {
  await say(page, text);
  await until(() => gateway.said.some((said) => said.text === text));
  await messages(page).getByText(text).first().waitFor();
  return gateway.log(gateway.said.at(-1)?.conversation ?? '');
}

async function ada(): Promise<Page> {
  const page = await openPage(browser, url, complaints);
  await enter(page, 'Ada');
  return page;
}

/** Another tab of the same browser. */
async function tabBeside(page: Page): Promise<Page> {
  const tab = await page.context().newPage();
  await slowDown(tab);
  await tab.goto(page.url());
  return tab;
}

describe.skipIf(isSkipped)('the page, where things go wrong', () => {
  setStage();

  it('signs out of every tab at once, and leaves nothing behind in any', async () => {
    const page = await ada();
    await begun(page, 'hello');
    const tab = await tabBeside(page);
    await messages(tab).getByText('hello').waitFor();
    await field(tab).fill('not yet sent');
    await page.getByRole('button', { name: 'Sign out' }).click();
    for (const one of [page, tab]) {
      await one.getByLabel('Your name').waitFor();
      const left = await one.evaluate(() =>
        [...Object.keys(localStorage), ...Object.keys(sessionStorage)].filter((key) =>
          key.startsWith('convene'),
        ),
      );
      expect(left).toEqual([]);
    }
  });

  it('signs in every tab at once', async () => {
    const page = await openPage(browser, url, complaints);
    const tab = await tabBeside(page);
    await enter(page, 'Ada');
    await tab.getByText('Hello, Ada.').waitFor();
  });

  it('keeps the drafts and the unsent of a session that ran out', async () => {
    const page = await ada();
    await begun(page, 'hello');
    await field(page).fill('half a thought');
    gateway.people.clear();
    gateway.drop();
    await page.getByText('Your session has ended.').waitFor();
    const drafts = await page.evaluate(() =>
      Object.keys(sessionStorage).map((key) => sessionStorage.getItem(key)),
    );
    expect(drafts).toContain('half a thought');
    await page.reload();
    await page.getByLabel('Your name').waitFor();
  });

  it('keeps a first message in the field where no conversation could be begun', async () => {
    const page = await ada();
    await page.getByText('Show me around').waitFor();
    gateway.isSilent = true;
    await say(page, 'the very first');
    const complaint = page.getByRole('status').getByText('cannot be reached');
    await complaint.waitFor();
    // No timer takes it away any more: it goes because the page is left.
    await page.evaluate(() => {
      for (let timer = Number(setTimeout(() => undefined)); timer > 0; timer -= 1)
        clearTimeout(timer);
    });
    expect(await field(page).inputValue()).toBe('the very first');
    gateway.isSilent = false;
    await page.keyboard.press('Enter');
    await messages(page).getByText('the very first').waitFor();
    await complaint.waitFor({ state: 'detached' });
    await until(async () => (await field(page).inputValue()) === '');
  });

  it('says that a message is too long, and sends what follows', async () => {
    const page = await ada();
    await begun(page, 'hello');
    await say(page, 'x'.repeat(40_000));
    await page.getByText('Not sent. This is too long.').waitFor();
    await begun(page, 'shorter');
    await page.getByRole('button', { name: 'Discard' }).click();
    await begun(page, 'y'.repeat(20_000));
  });

  it('keeps an invitation until it has worked, and says why it does not', async () => {
    const log = await begun(await ada(), 'come in');
    const { id } = log.conversation;
    const bob = await openPage(browser, url, complaints);
    await enter(bob, 'Bob');
    await bob.getByText('Hello, Bob.').waitFor();
    const breaksAndMends = async () => {
      await bob.getByRole('alert').getByText('cannot be reached').waitFor();
      gateway.isSilent = false;
      await bob.getByRole('button', { name: 'Try again' }).click();
    };
    gateway.isSilent = true;
    await bob.goto(`${url}/#join=invite-${id}`);
    await breaksAndMends();
    await bob.getByRole('button', { name: 'Join' }).waitFor();
    gateway.isSilent = true;
    await bob.getByRole('button', { name: 'Join' }).click();
    await breaksAndMends();
    await messages(bob).getByText('come in').waitFor();
    expect(bob.url()).not.toContain('join');
    await bob.goto(`${url}/#join=expired`);
    await bob.getByRole('alert').getByText('not good any more').waitFor();
    expect(await bob.getByRole('button', { name: 'Try again' }).count()).toBe(0);
  });

  it('asks before a link makes anybody join, and says what they would join', async () => {
    const log = await begun(await ada(), 'a party');
    const { id } = log.conversation;
    const bob = await openPage(browser, url, complaints);
    await enter(bob, 'Bob');
    await bob.getByText('Hello, Bob.').waitFor();
    const link = `${url}/#join=invite-${id}`;
    const names = () => log.conversation.participants.map(({ name }) => name);
    await bob.goto(link);
    await bob.getByText('Ada invites you to').waitFor();
    await bob.getByRole('heading', { name: 'a party' }).waitFor();
    await bob.getByText('They will see that you joined, as Bob.').waitFor();
    await bob.getByRole('button', { name: 'Not now' }).click();
    await bob.getByText('Hello, Bob.').waitFor();
    expect(names()).toEqual(['Ada', 'guide']);
    await bob.goto(link);
    await bob.getByRole('button', { name: 'Join' }).click();
    await messages(bob).getByText('a party').waitFor();
    expect(names()).toEqual(['Ada', 'guide', 'Bob']);
    await bob.goto(link);
    await messages(bob).getByText('a party').waitFor();
  });

  it('lets staff into a conversation that is not theirs where they open it', async () => {
    const log = await begun(await ada(), 'who can help?');
    const { id } = log.conversation;
    gateway.people.set('badge', { id: 'user:olga', name: 'Olga', account: 'operator' });
    const olga = await openPage(browser, url, complaints);
    await olga.getByRole('button', { name: 'Use an access token' }).click();
    await olga.getByLabel('Access token').fill('badge');
    await olga.getByRole('button', { name: 'Sign in' }).click();
    await olga.locator('nav').waitFor({ state: 'attached' });
    await olga.goto(`${url}/#/c/${id}`);
    await olga.getByText('They will see that you joined, as Olga.').waitFor();
    await olga.getByRole('button', { name: 'Join' }).click();
    await messages(olga).getByText('who can help?').waitFor();
    expect(log.conversation.participants.at(-1)?.id).toBe('user:olga');
  });

  it('tells who was taken out, and takes the conversation out of the list', async () => {
    const log = await begun(await ada(), 'welcome all');
    const bob = await openPage(browser, `${url}/#join=invite-${log.conversation.id}`, complaints);
    await enter(bob, 'Bob');
    await messages(bob).getByText('welcome all').waitFor();
    await bob.getByRole('navigation').getByText('welcome all').waitFor();
    const participant = log.conversation.participants.at(-1)?.id ?? '';
    log.append({ type: 'participant.left', participant });
    await bob.getByText('You are no longer in this conversation.').waitFor();
    await bob.getByRole('navigation').getByText('welcome all').waitFor({ state: 'detached' });
    await field(bob).waitFor({ state: 'detached' });
  });

  it('sends nothing while an input method chooses words', async () => {
    const page = await ada();
    await begun(page, 'first');
    await field(page).fill('日本');
    for (const how of [{ isComposing: true }, { keyCode: 229 }]) {
      await field(page).evaluate((element, init) => {
        const keys = { key: 'Enter', bubbles: true, cancelable: true, ...init };
        element.dispatchEvent(new KeyboardEvent('keydown', keys));
      }, how);
    }
    expect(await field(page).inputValue()).toBe('日本');
    await page.keyboard.press('Enter');
    await messages(page).getByText('日本').waitFor();
    expect(gateway.said.map(({ text }) => text)).toEqual(['first', '日本']);
  });

  it('reads from the right what is written from the right, and shows names as they are', async () => {
    const page = await ada();
    const log = await begun(page, '<b>title</b>');
    const name = '<img src=x onerror=alert(1)>\u202e';
    const mallory = { id: 'user:mallory', name, role: 'member' } as const;
    log.append({ type: 'participant.joined', participant: mallory });
    new Answering(log).answer('שלום, Ada!');
    const words = messages(page).getByText('שלום');
    await words.waitFor();
    expect(await words.evaluate((element) => getComputedStyle(element).direction)).toBe('rtl');
    await messages(page).getByText(`\u2068${name}\u2069 joined`).waitFor();
    expect(await page.locator('img[src=x]').count()).toBe(0);
    expect(await page.title()).toBe('<b>title</b> · Convene');
  });

  it('leaves what is read in its place while older and newer come', async () => {
    const page = await ada();
    const log = await begun(page, 'first of many');
    for (let number = 0; number < 300; number += 1) {
      const parts = [{ type: 'text' as const, text: `message ${number}` }];
      const author = number % 3 === 0 ? 'agent:guide' : 'user:bob';
      log.append({ type: 'message.created', message: { id: `m${number}`, author, parts } });
    }
    await messages(page).getByText('message 299').waitFor();
    await page.evaluate(() => {
      sessionStorage.clear();
    });
    await page.reload();
    await messages(page).getByText('message 299').waitFor();
    const frame = page.getByRole('region', { name: 'Conversation' });
    const row = messages(page).getByText('message 205', { exact: true });
    const place = () => row.evaluate((one) => Math.round(one.getBoundingClientRect().top));
    // Whatever was about to take it to the end has done so when it hears that it was scrolled.
    const before = await frame.evaluate(
      async (element, one) => {
        while (Math.abs(element.scrollTop - 420) > 1) {
          const heard = new Promise((resolve) => {
            element.addEventListener('scroll', resolve, { once: true });
          });
          element.scrollTop = 420;
          await heard;
        }
        return Math.round(one.getBoundingClientRect().top);
      },
      await row.elementHandle(),
    );
    await messages(page).getByText('message 150').waitFor();
    new Answering(log).answer(Array.from({ length: 30 }, () => 'more below').join('\n\n'));
    await messages(page).getByText('more below').first().waitFor();
    expect(Math.abs((await place()) - before)).toBeLessThanOrEqual(1);
  });
});
