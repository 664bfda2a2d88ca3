/** What was understood: behind a switch, for staff alone, beside the message that it is about. */
import { describe, expect, it } from 'vitest';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { Account } from '@convene/client';
import { overflows, violations } from './axe.ts';
import { enter, isSkipped, openPage, say } from './browser.ts';
import { Answering } from './gateway/agent.ts';
import type { Log } from './gateway/log.ts';
import { until } from './patience.ts';
import { browser, complaints, gateway, setStage, url } from './stage.ts';
import { FACTS, UNDERSTOOD } from './understood.ts';

async function enterAs(account: Account, options: BrowserContextOptions = {}): Promise<Page> {
  gateway.people.set('badge', { id: 'user:olga', name: 'Olga', account });
  const page = await openPage(browser, url, complaints, options);
  await page.getByRole('button', { name: 'Use an access token' }).click();
  await page.getByLabel('Access token').fill('badge');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('nav').waitFor({ state: 'attached' });
  return page;
}

/** Says something, which an agent takes for what is noted above. */
async function ask(page: Page): Promise<Log> {
  const before = gateway.said.length;
  await say(page, 'Where is AB1234?');
  await until(() => gateway.said.length > before);
  const log = gateway.log(gateway.said.at(-1)?.conversation ?? '');
  answer(log, log.events.length);
  return log;
}

function answer(log: Log, input: number): void {
  const asked = log.events[input - 1];
  const message = asked?.type === 'message.created' ? asked.message.id : '';
  const run = new Answering(log).start(input).note('understood', { ...UNDERSTOOD, message });
  run.note('flow', FACTS).begin('On its way.').complete().finish();
}

/** Not what is read out of them. */
const messages = (page: Page) => page.getByRole('list', { name: 'Messages' });
const panels = (page: Page) => page.getByRole('group', { name: 'What was understood' });
const toggle = (page: Page) => page.getByRole('switch', { name: 'Show what was understood' });

describe.skipIf(isSkipped)('what was understood', () => {
  setStage();

  it('is shown by a switch, beside the message, live and after a reload', async () => {
    const page = await enterAs('operator');
    const log = await ask(page);
    await messages(page).getByText('On its way.').waitFor();
    expect(await panels(page).count()).toBe(0);
    await toggle(page).focus();
    await page.keyboard.press('Space');
    await page.getByRole('switch', { checked: true }).waitFor();
    const asked = page.getByRole('listitem').filter({ hasText: 'Where is AB1234?' });
    const panel = asked.getByRole('group', { name: 'What was understood' });
    await panel.waitFor();
    for (const words of [
      'Sure',
      '91.2% score 0.84',
      'Wishes Where is track_order 90% score 0.80 AB1234 return_item 80% score 0.71',
      'order_number',
      'track_order begins intent track_order',
      'which first step',
      'because status == "shipped"',
      'what is known does not fit its slots paid: amount, day',
      'no longer fits its slot size',
      'a newer fact',
      'completed',
      'said in passing',
    ]) {
      await expect.poll(() => panel.innerText().then(inOneLine)).toContain(words);
    }
    const raw = panel.getByRole('group', { name: 'Details' });
    expect(await raw.isVisible()).toBe(false);
    await panel.getByText('Details').click();
    await raw.getByText('turn.started').waitFor();

    // Live, while it is switched on.
    await say(page, 'And now?');
    await until(() => gateway.said.length > 1);
    answer(log, log.events.length);
    await expect.poll(() => panels(page).count()).toBe(2);
    await page.reload();
    await expect.poll(() => panels(page).count()).toBe(2);
    await toggle(page).click();
    await expect.poll(() => panels(page).count()).toBe(0);
    await page.reload();
    await messages(page).getByText('On its way.').first().waitFor();
    expect(await panels(page).count()).toBe(0);
  });

  it('goes on after a cut, and is told anew by the attempt that counts', async () => {
    const page = await enterAs('admin');
    await say(page, 'Where is AB1234?');
    await until(() => gateway.said.length > 0);
    const log = gateway.log(gateway.said.at(-1)?.conversation ?? '');
    await toggle(page).click();
    const input = log.events.length;
    const run = new Answering(log).start(input).note('understood', UNDERSTOOD);
    await panels(page).waitFor();
    gateway.drop({ stayAway: true });
    run.note('flow', FACTS).begin('half');
    run.breakOff({ code: 'agent_panicked', message: 'The agent crashed' });
    run.start(input).note('understood', { ...UNDERSTOOD, decision: 'torn' });
    run.begin('whole').complete().finish();
    gateway.comeBack();
    await messages(page).getByText('whole', { exact: true }).waitFor();
    await panels(page).getByText('Torn', { exact: true }).waitFor();
    await panels(page).getByText('Attempt 2').waitFor();
    expect(await panels(page).count()).toBe(1);
    expect(await panels(page).getByText('which', { exact: true }).count()).toBe(0);
  });

  it('has quiet lines of what woke an agent, or will', async () => {
    const page = await enterAs('operator');
    const log = await ask(page);
    const [agent, run, name] = ['guide', 'r1', 'tea'];
    const at = new Date(2030, 0, 2, 15, 30).getTime();
    log.append({ type: 'timer.set', agent, run, name, rings: { after_ms: 240_000 } }, at);
    log.append({ type: 'timer.cleared', agent, run, name }, at);
    log.append({ type: 'timer.fired', agent, run, name: 'milk' }, at);
    const data = { parcel: 'P77' };
    const event = { id: 'e1', name: 'order_shipped', by: 'user:olga', data };
    log.append({ type: 'event.happened', event });
    new Answering(log).start(log.events.length).begin('It is shipped.').complete().finish();
    await messages(page).getByText('It is shipped.').waitFor();
    expect(await messages(page).getByText('timer').count()).toBe(0);
    await toggle(page).click();
    for (const line of [
      'Timers of guide: tea set for 3:34 PM · tea taken back · milk rings',
      'order_shipped happened outside: {"parcel":"P77"}',
    ]) {
      const plain = () => messages(page).innerText().then(inOneLine);
      await expect.poll(() => plain().then(withoutMarks)).toContain(line);
    }
    expect(await violations(page)).toEqual([]);
  });

  it('says what keeps an agent from answering, where one waits for it', async () => {
    gateway.isLearning = true;
    gateway.trouble = 'flows/a.yaml:3:14: unknown key';
    const page = await enterAs('operator');
    await page.getByText('flows/a.yaml:3:14: unknown key').waitFor();
    await say(page, 'Where is AB1234?');
    await page.getByText('guide is getting ready').waitFor();
    await page.getByText('flows/a.yaml:3:14: unknown key').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it('is nothing for others, switched on or not', async () => {
    const page = await enterAs('user');
    await page.evaluate(() => {
      localStorage.setItem('convene.notes', 'shown');
    });
    await ask(page);
    await messages(page).getByText('On its way.').waitFor();
    expect(await toggle(page).count()).toBe(0);
    expect(await panels(page).count()).toBe(0);
    const guest = await openPage(browser, url, complaints);
    await enter(guest, 'Ada');
    await ask(guest);
    await messages(guest).getByText('On its way.').waitFor();
    expect(await toggle(guest).count()).toBe(0);
  });

  it.each([
    ['light', 360],
    ['dark', 360],
    ['light', 1280],
    ['dark', 1280],
  ] as const)('breaks no rule of axe and fits: %s, %i wide', async (colorScheme, width) => {
    const page = await enterAs('operator', { colorScheme, viewport: { width, height: 800 } });
    const log = await ask(page);
    await toggle(page).click();
    await panels(page).getByText('Details').click();
    for (const decision of ['torn', 'lost']) {
      const run = new Answering(log).start(log.events.length);
      run.begin('hm').note('understood', { ...UNDERSTOOD, decision });
      run.complete().finish();
    }
    await panels(page).getByText('Lost', { exact: true }).waitFor();
    expect(await overflows(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(await violations(page)).toEqual([]);
  });
});

/** Names stand apart from what is around them, in whatever direction they are written. */
function withoutMarks(text: string): string {
  return text.replace(/[\u2066-\u2069]/g, '');
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
