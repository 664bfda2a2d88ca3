/** The page in the reader's language: the browser's, or the one that they chose; also from right to left. */
import { describe, expect, it } from 'vitest';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { overflows, violations } from './axe.ts';
import { isSkipped, openPage } from './browser.ts';
import { Answering } from './gateway/agent.ts';
import type { Log } from './gateway/log.ts';
import { until } from './patience.ts';
import { browser, complaints, gateway, setStage, url } from './stage.ts';

const open = (locale: string, options: BrowserContextOptions = {}) =>
  openPage(browser, url, complaints, { locale, ...options });

const html = (page: Page) =>
  page.evaluate(() => `${document.documentElement.lang} ${document.documentElement.dir}`);

/** Goes in and says something, whatever the language. */
async function begun(page: Page, text = 'Hallo'): Promise<Log> {
  await page.locator('form input').fill('Ada');
  await page.keyboard.press('Enter');
  await page.locator('textarea').fill(text);
  await page.keyboard.press('Enter');
  await until(() => gateway.said.length > 0);
  return gateway.log(gateway.said.at(-1)?.conversation ?? '');
}

describe.skipIf(isSkipped)('the language of the page', () => {
  setStage();

  it.each([
    ['de-AT', 'de ltr', 'Ihr Name'],
    ['es-MX', 'es ltr', 'Su nombre'],
    ['fr-CA', 'fr ltr', 'Votre nom'],
    ['ar-EG', 'ar rtl', 'اسمك'],
    ['en-GB', 'en ltr', 'Your name'],
    ['fi-FI', 'en ltr', 'Your name'],
  ])('is that of the browser: %s', async (locale, root, label) => {
    const page = await open(locale);
    await page.getByLabel(label).waitFor();
    expect(await html(page)).toBe(root);
  });

  it('is chosen in the page, kept over a reload, and changes what is there already', async () => {
    const page = await open('en-US');
    const choice = page.getByRole('combobox', { name: 'Language' });
    await choice.focus();
    await choice.selectOption({ label: 'Deutsch' });
    await page.getByLabel('Ihr Name').waitFor();
    expect(await html(page)).toBe('de ltr');
    await page.reload();
    await page.getByLabel('Ihr Name').waitFor();
    const log = await begun(page);
    new Answering(log).answer('Guten Tag');
    await page.getByText('Sie haben das Gespräch begonnen').waitFor();
    await page.getByText('Heute').waitFor();
    await page.getByRole('combobox', { name: 'Sprache' }).selectOption('fr');
    await page.getByText('Vous avez commencé la conversation').waitFor();
    await page.getByText('Aujourd’hui').waitFor();
    await page.getByRole('textbox', { name: 'Écrire un message' }).waitFor();
    expect(await page.getByText('Heute').count()).toBe(0);
  });

  it.each([
    ['de-AT', ['Führe mich herum/help'], 'Sagen Sie etwas, um zu beginnen.'],
    // In a language that the agent does not name, those of its first.
    ['fr-CA', ['Show me around/help', 'Who is in here?'], 'Dites quelque chose pour commencer.'],
  ])(
    'has what the agent suggests in it, and nothing where it suggests nothing: %s',
    async (locale, texts, alone) => {
      const page = await open(locale);
      await page.locator('form input').fill('Ada');
      await page.keyboard.press('Enter');
      const suggested = page.getByRole('main').getByRole('listitem').getByRole('button');
      await expect.poll(() => suggested.allInnerTexts()).toHaveLength(texts.length);
      const shown = await suggested.allInnerTexts();
      expect(shown.map((text) => text.replaceAll('\n', ''))).toEqual(texts);
      await page.getByRole('radio', { name: /^Parrot/ }).check({ force: true });
      await page.getByText(alone, { exact: true }).waitFor();
      expect(await suggested.count()).toBe(0);
    },
  );

  it('says what was refused and what failed, and what to do', async () => {
    const page = await open('de-DE');
    await page.getByRole('button', { name: 'Mit Zugangsschlüssel anmelden' }).click();
    await page.getByLabel('Zugangsschlüssel').fill('falsch');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Dieser Zugangsschlüssel gilt nicht').waitFor();
    await page.getByRole('button', { name: 'Mit einem Namen eintreten' }).click();
    const log = await begun(page);
    // Not what is read out of them.
    const messages = page.getByRole('list', { name: 'Nachrichten' });
    const error = { code: 'model_unavailable', message: 'The model gave no answer.' };
    new Answering(log).start(2).fail(error);
    await messages.getByText('Das Sprachmodell ist gerade nicht erreichbar.').waitFor();
    new Answering(log).start(2).fail({ code: 'our_own', message: 'Nur bei uns.' });
    await messages.getByText('Nur bei uns.').waitFor();
    const stopped = new Answering(log).start(2);
    log.append({ type: 'run.finished', run: stopped.run, outcome: 'cancelled' });
    await messages.getByText('Angehalten, bevor eine Antwort begann').waitFor();
    expect(await page.getByText('The model gave no answer.').count()).toBe(0);
    gateway.isSilent = true;
    await page.getByRole('button', { name: 'Einladen' }).click();
    await page.getByText('Der Server ist nicht erreichbar.').waitFor();
  });

  it('says beside each field what is wrong with it, and why a press came too late', async () => {
    const page = await open('fr-FR');
    const log = await begun(page, 'Bonjour');
    const run = new Answering(log).start(2).begin('?');
    run
      .offer({
        type: 'form',
        id: 'order',
        submit: 'Commander',
        fields: [{ name: 'count', label: 'Combien', input: 'integer', max: 1200 }],
      })
      .finish();
    const fault = { field: 'count', code: 'too_large', message: 'at most 1200' } as const;
    const code = 'invalid_value';
    gateway.refuseAct = { code, message: 'no', retryable: false, faults: [fault] };
    await page.getByLabel('Combien').fill('9000');
    await page.getByRole('button', { name: 'Commander' }).click();
    await page.getByText(/^Il faut au plus 1\s200\.$/u).waitFor();
    await page.getByRole('alert').getByText('Certaines réponses sont à revoir.').waitFor();
    gateway.refuseAct = { code: 'not_offered', message: 'it is gone', retryable: false };
    await page.getByRole('button', { name: 'Commander' }).click();
    await page.getByRole('alert').getByText('Ce choix n’est plus proposé.').waitFor();
  });

  it.each([
    ['de-DE', 360],
    ['ar-EG', 360],
    ['ar-EG', 1280],
    ['fr-FR', 360],
    ['es-ES', 1280],
  ])('breaks no rule of axe and fits: %s, %i wide', async (locale, width) => {
    const page = await open(locale, { viewport: { width, height: 800 } });
    expect(await violations(page)).toEqual([]);
    const log = await begun(page);
    const bob = { id: 'user:bob', name: 'Bob', role: 'member' } as const;
    log.append({ type: 'participant.joined', participant: bob });
    const actions = ['Ja', 'Nein', 'Vielleicht'].map((label) => ({ id: label, label }));
    new Answering(log).start(2).begin('Hm?').offer({ type: 'actions', actions }).finish();
    new Answering(log).start(2).fail({ code: 'run_timed_out', message: 'late' });
    log.signal(bob.id, { signal: 'typing' });
    await page.getByRole('button', { name: 'Vielleicht' }).waitFor();
    expect(await overflows(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(await violations(page)).toEqual([]);
    await page.goto(`${url}/#/new`);
    await page.locator('h1', { hasText: 'Ada' }).waitFor();
    expect(await overflows(page)).toEqual([]);
    expect(await violations(page)).toEqual([]);
  });
});
