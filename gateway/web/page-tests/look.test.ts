/** Pictures of the page, for eyes: `SHOTS=1 npm run test:page` leaves them in `shots/`. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { enter, launch, openPage, say } from './browser.ts';
import { Answering } from './gateway/agent.ts';
import { FakeGateway } from './gateway/gateway.ts';
import { Log } from './gateway/log.ts';
import { until } from './patience.ts';
import { SAMPLE } from './sample.ts';
import { FACTS, UNDERSTOOD } from './understood.ts';

const SIZES = {
  phone: { width: 375, height: 812 },
  narrow: { width: 320, height: 640 },
  desktop: { width: 1280, height: 800 },
};

const BOB = { id: 'user:bob', name: 'Bob Ross', role: 'member' } as const;
const GUIDE = { id: 'agent:guide', name: 'guide', role: 'agent' } as const;
const NO_ANSWER = {
  code: 'model_unavailable',
  message: 'The model gave no answer within 30 s. Ask again in a moment.',
};

let browser: Browser;
let gateway: FakeGateway;
let url: string;

const shoot = (page: Page, name: string) =>
  page.screenshot({ path: new URL(`shots/${name}.png`, import.meta.url).pathname });

async function lively(page: Page): Promise<Log> {
  await say(page, 'Could you show me what a rich answer looks like?');
  await until(() => gateway.said.length > 0);
  const log = gateway.log(gateway.said.pop()?.conversation ?? '');
  log.append({ type: 'participant.joined', participant: BOB });
  new Answering(log).answer(SAMPLE);
  const text = 'Nice. Does it keep up when I *interrupt*?\nOn a second line, too.';
  const parts = [{ type: 'text' as const, text }];
  log.append({ type: 'message.created', message: { id: 'b1', author: BOB.id, parts } });
  log.signal(BOB.id, { signal: 'presence', here: true });
  await say(page, 'Let us see.');
  await until(() => gateway.said.length > 0);
  return log;
}

/** Conversations of the person, so that there is a list to look at. */
function fillList(): void {
  const [person] = gateway.people.values();
  if (!person) throw new Error('nobody is signed in');
  const titles = [
    'Release on Friday',
    'A title that is much longer than the list is wide, as titles are',
    undefined,
    'שלום',
    'Lunch?',
  ];
  titles.forEach((title, index) => {
    const people = [{ ...person, role: 'owner' as const }, ...(index % 2 ? [BOB, GUIDE] : [GUIDE])];
    const at = Date.now() - index ** 3 * 40_000_000;
    gateway.logs.set(`list-${index}`, new Log(`list-${index}`, title, people, at));
  });
}

describe.skipIf(process.env.SHOTS === undefined)('pictures', () => {
  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(async () => {
    await browser.close();
  });

  beforeEach(async () => {
    gateway = new FakeGateway();
    url = await gateway.listen();
  });

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await gateway.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      const name = (what: string) => `${size}-${colorScheme}-${what}`;

      it(`of a conversation: ${size}, ${colorScheme}`, async () => {
        const page = await openPage(browser, url, [], { colorScheme, viewport });
        await shoot(page, name('1-welcome'));
        await enter(page, 'Ada Lovelace');
        await page.getByText('Show me around').waitFor();
        await shoot(page, name('2-new'));
        const log = await lively(page);
        const answer = new Answering(log).start();
        await page.getByText('guide is thinking').waitFor();
        answer.begin('It does. Every word that you see **here** is written to the log first');
        log.signal(BOB.id, { signal: 'typing' });
        await page.getByText('Bob Ross is typing').waitFor();
        await shoot(page, name('3-streaming'));
        answer.breakOff(NO_ANSWER);
        await page.getByText('trying again').waitFor();
        await shoot(page, name('4-retrying'));
        answer.start().begin('It does, and it *heals*.').complete().finish();
        new Answering(log).start().begin('I was about to say that').stop();
        new Answering(log).start().fail(NO_ANSWER);
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
        await page.getByRole('button', { name: 'Invite somebody' }).click();
        await page.getByText('It works until').waitFor();
        await shoot(page, name('7-people-invite'));
        await page.keyboard.press('Escape');
        fillList();
        await page.goto(`${url}/#/`);
        await page.reload();
        await page.getByText('Release on Friday').waitFor();
        await shoot(page, name('8-list'));
      });

      it.each(['en', 'de', 'ar'])(
        `of what was understood: ${size}, ${colorScheme}, %s`,
        async (locale) => {
          gateway.people.set('badge', { id: 'user:olga', name: 'Olga', account: 'operator' });
          const page = await openPage(browser, url, [], { colorScheme, viewport, locale });
          await page.locator('section > button').click();
          await page.locator('form input').fill('badge');
          await page.keyboard.press('Enter');
          await page.locator('textarea').fill('AB1234?');
          await page.keyboard.press('Enter');
          await until(() => gateway.said.length > 0);
          const log = gateway.log(gateway.said.pop()?.conversation ?? '');
          const run = new Answering(log).start(2).note('understood', UNDERSTOOD);
          run.note('flow', FACTS).begin('OK').complete().finish();
          await page.getByRole('switch').click();
          await page.locator('details').waitFor();
          await shoot(page, `${name('j-understood')}-${locale}`);
        },
      );

      it(`of what is not as usual: ${size}, ${colorScheme}`, async () => {
        const page = await openPage(browser, `${url}/#join=bad`, [], { colorScheme, viewport });
        await shoot(page, name('a-invited'));
        await page.getByRole('button', { name: 'Use an access token' }).click();
        await page.getByLabel('Access token').fill('x');
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.getByRole('alert').waitFor();
        await shoot(page, name('b-refused'));
        await page.getByRole('button', { name: 'Go in with a name' }).click();
        await enter(page, 'Ada Lovelace');
        await page.getByText('You could not be let in').waitFor();
        await shoot(page, name('c-join-refused'));
        const party = [{ id: 'user:eve', name: 'Eve', role: 'owner' as const }];
        gateway.logs.set('party', new Log('party', 'A party in the garden', party));
        await page.goto(`${url}/#join=invite-party`);
        await page.getByText('Eve invites you to').waitFor();
        await shoot(page, name('c-join'));
        await page.goto(`${url}/#/c/nowhere`);
        await page.getByText('Not a conversation of yours').waitFor();
        await shoot(page, name('d-not-yours'));
        await page.goto(`${url}/#/new`);
        await page.getByText('Show me around').waitFor();
        gateway.isSilent = true;
        await say(page, 'Hello?');
        await page.getByText('cannot be reached').waitFor();
        await page.waitForTimeout(300);
        await shoot(page, name('e-toast'));
        gateway.isSilent = false;
        await page.keyboard.press('Enter');
        await until(() => gateway.said.length > 0);
        const log = gateway.log(gateway.said.pop()?.conversation ?? '');
        await shoot(page, name('f-first-words'));
        await say(page, 'x'.repeat(40_000));
        await page.getByText('Not sent.').waitFor();
        await shoot(page, name('g-too-long'));
        await page.getByRole('button', { name: 'Discard' }).click();
        const me = log.conversation.participants[0]?.id ?? '';
        log.append({ type: 'participant.left', participant: me });
        await page.getByText('no longer in this conversation').waitFor();
        await shoot(page, name('h-no-longer'));
        gateway.people.clear();
        gateway.drop();
        await page.getByText('Your session has ended.').waitFor();
        await shoot(page, name('i-session-ended'));
      });
    }
  }
});
