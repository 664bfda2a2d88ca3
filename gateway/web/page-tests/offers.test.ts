/** What agents offer: pressed with the mouse and with the keys, and seen by everybody. */
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import type { Part } from '@convene/client';
import { overflows, violations } from './axe.ts';
import { enter, isSkipped, openPage, say } from './browser.ts';
import { Answering } from './gateway/agent.ts';
import type { Log } from './gateway/log.ts';
import { until } from './patience.ts';
import { browser, complaints, gateway, setStage, url } from './stage.ts';

const YES_OR_NO: Part = {
  type: 'actions',
  once: true,
  actions: [
    { id: 'yes', label: 'Yes, please', style: 'primary' },
    { id: 'no', label: 'No' },
    { id: 'more', label: 'Read more', url: 'https://example.org/more' },
  ],
};
const LIST: Part = {
  type: 'actions',
  layout: 'choices',
  actions: [
    { id: 'red', label: 'Red' },
    { id: 'blue', label: 'Blue' },
  ],
};
const REPLIES: Part = {
  type: 'actions',
  layout: 'quick_replies',
  actions: [
    { id: 'what', label: 'What can you do?' },
    { id: 'bye', label: 'Bye' },
  ],
};
const CARD: Part = {
  type: 'card',
  title: 'The night train to Lisbon',
  subtitle: 'Leaves at 21:43',
  image: 'https://example.org/train.png',
  text: 'With a *restaurant* car.',
  fields: [{ label: 'Price', value: '48 euros' }],
  actions: [{ id: 'take', label: 'Take the seat' }],
};
const FORM: Part = {
  type: 'form',
  id: 'order',
  title: 'Tickets',
  submit: 'Order',
  once: true,
  fields: [
    { name: 'name', label: 'Name', input: 'text', required: true },
    { name: 'email', label: 'E-mail', input: 'email', hint: 'For the tickets alone' },
    { name: 'count', label: 'Count', input: 'integer', min: 1, max: 6 },
    { name: 'day', label: 'Day', input: 'date' },
    { name: 'hour', label: 'Hour', input: 'time', min: '09:00', max: '17:30' },
    { name: 'quiet', label: 'Quiet carriage', input: 'boolean' },
    { name: 'meal', label: 'Meal', input: 'choice', options: [{ value: 's', label: 'Soup' }] },
    {
      name: 'extras',
      label: 'Extras',
      input: 'choice',
      multiple: true,
      options: [
        { value: 'bike', label: 'A bicycle' },
        { value: 'dog', label: 'A dog' },
      ],
    },
  ],
};

async function begun(page: Page): Promise<Log> {
  await enter(page, 'Ada');
  await say(page, 'hello');
  await until(() => gateway.said.length > 0);
  return gateway.log(gateway.said.at(-1)?.conversation ?? '');
}

function offer(log: Log, text: string, ...parts: Part[]): void {
  new Answering(log)
    .start()
    .begin(text)
    .offer(...parts)
    .finish();
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

describe.skipIf(isSkipped)('what agents offer', () => {
  setStage();

  it('is pressed with the keys, once, and shows who was first to everybody', async () => {
    const page = await openPage(browser, url, complaints);
    const log = await begun(page);
    offer(log, 'Shall I?', YES_OR_NO);
    await button(page, 'Yes, please').focus();
    await page.keyboard.press('Enter');
    await button(page, 'Yes, please ✓ you').waitFor();
    expect(gateway.acts).toMatchObject([{ action: 'yes' }]);
    // Nothing is asked of the server any more.
    await button(page, 'No').click({ force: true });
    expect(await button(page, 'No').getAttribute('aria-disabled')).toBe('true');
    expect(gateway.acts).toHaveLength(1);
    await page.reload();
    await button(page, 'Yes, please ✓ you').waitFor();
    const link = page.getByRole('link', { name: 'Read more' });
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
    const bob = { id: 'user:bob', name: 'Bob', role: 'member' } as const;
    log.append({ type: 'participant.joined', participant: bob });
    offer(log, 'And you?', CARD);
    const offering = log.events.findLast(({ type }) => type === 'message.completed');
    const message = offering?.type === 'message.completed' ? offering.message.id : '';
    log.press({ id: 'b1', seq: offering?.seq ?? 0, message, action: 'take' }, bob.id);
    await button(page, 'Take the seat ✓ Bob').waitFor();
    // A card that counts every press is still to be pressed.
    await button(page, /Take the seat/).click();
    await button(page, 'Take the seat ✓ Bob, you').waitFor();
  });

  it('says why it was refused', async () => {
    const page = await openPage(browser, url, complaints);
    const log = await begun(page);
    offer(log, 'Shall I?', YES_OR_NO);
    const message = 'user:bob was first';
    gateway.refuseAct = { code: 'already_pressed', message, retryable: false };
    await button(page, 'Yes, please').click();
    await page.getByRole('alert').getByText('Somebody else was first.').waitFor();
  });

  it('is closed to those whom it is not for', async () => {
    const page = await openPage(browser, url, complaints);
    const log = await begun(page);
    offer(log, 'Bob?', { ...YES_OR_NO, for: ['user:bob'] });
    await page.getByText('For bob', { exact: true }).waitFor();
    await button(page, 'No').click({ force: true });
    expect(await button(page, 'No').getAttribute('aria-disabled')).toBe('true');
    expect(gateway.acts).toEqual([]);
  });

  it('is closed by its agent, wherever it was offered', async () => {
    const page = await openPage(browser, url, complaints);
    const log = await begun(page);
    const named = { ...FORM, once: true, offer: 'q1' } as Part;
    offer(log, 'When?', named);
    offer(log, 'Shall I?', { ...YES_OR_NO, offer: 'q2' });
    offer(log, 'When, now?', named);
    offer(log, 'What else?', { ...REPLIES, offer: 'q3' });
    const replies = page.getByRole('list', { name: 'Quick replies' });
    await replies.waitFor();
    new Answering(log).start().finish('q1', 'q3');
    await replies.waitFor({ state: 'detached' });
    const orders = button(page, 'Order');
    await expect.poll(() => orders.count()).toBe(2);
    await expect.poll(() => page.getByText('It is not asked any more.').count()).toBe(2);
    for (const order of await orders.all()) {
      expect(await order.getAttribute('aria-disabled')).toBe('true');
      await order.click({ force: true });
    }
    expect(gateway.acts).toEqual([]);
    // What is open stays open.
    await button(page, 'Yes, please').click();
    await button(page, 'Yes, please ✓ you').waitFor();
    await page.reload();
    await expect.poll(() => page.getByText('It is not asked any more.').count()).toBe(2);
  });

  it('is tried again under the same id while the connection is away', async () => {
    const page = await openPage(browser, url, complaints);
    const log = await begun(page);
    offer(log, 'Shall I?', YES_OR_NO);
    await button(page, 'Yes, please').waitFor();
    const away = { code: 'unavailable', message: 'Away.', retryable: true } as const;
    gateway.refuseAct = away;
    await button(page, 'Yes, please').click();
    await button(page, 'Yes, please ✓ you').waitFor();
    expect(new Set(gateway.acts.map(({ id }) => id)).size).toBe(1);
    expect(gateway.acts).toHaveLength(2);
  });

  it('suggests replies above the composer, of the last message alone', async () => {
    const page = await openPage(browser, url, complaints);
    const log = await begun(page);
    offer(log, 'Hello!', REPLIES);
    const replies = page.getByRole('list', { name: 'Quick replies' });
    await replies.getByRole('button', { name: 'What can you do?' }).click();
    await page.getByRole('list', { name: 'Messages' }).getByText('What can you do?').waitFor();
    await replies.waitFor({ state: 'detached' });
    await page.locator('textarea:focus').waitFor();
  });

  it('takes a form, and shows beside each field what the server finds', async () => {
    const page = await openPage(browser, url, complaints);
    const log = await begun(page);
    offer(log, 'When?', FORM);
    const words = 'at most 6 is asked for';
    const fault = { field: 'count', code: 'too_large', message: words } as const;
    const message = 'some fields';
    gateway.refuseAct = { code: 'invalid_value', message, retryable: false, faults: [fault] };
    await page.getByLabel('Name').fill('Ada');
    await page.getByLabel('Count').fill('7');
    await page.getByLabel('Hour').fill('14:30');
    await page.getByLabel('Quiet carriage').check();
    await page.getByLabel('Meal').selectOption('Soup');
    await page.getByLabel('A dog').check();
    await button(page, 'Order').click();
    await page.getByText('It must be at most 6.').waitFor();
    const count = page.getByLabel('Count');
    await page.locator('input[aria-invalid=true]:focus').waitFor();
    expect(await count.getAttribute('aria-invalid')).toBe('true');
    await count.fill('2');
    await page.keyboard.press('Enter');
    await button(page, 'Order ✓ you').waitFor();
    // What was filled in is closed: one writes on.
    await page.locator('textarea:focus').waitFor();
    expect(gateway.acts[1]?.value).toEqual({
      name: 'Ada',
      count: 2,
      hour: '14:30',
      quiet: true,
      meal: 's',
      extras: ['dog'],
    });
    expect(await page.getByLabel('Name').isDisabled()).toBe(true);
    // Whoever comes later sees what was answered.
    await page.reload();
    await button(page, 'Order ✓ you').waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe('Ada');
    expect(await page.getByLabel('Count').inputValue()).toBe('2');
    expect(await page.getByLabel('A dog').isChecked()).toBe(true);
  });

  it('needs no title for a form, and asks in it as people write', async () => {
    const page = await openPage(browser, url, complaints);
    const log = await begun(page);
    const fields = [
      { name: 'count', label: 'How many?', input: 'integer', required: true },
      { name: 'email', label: 'E-mail address', input: 'email', required: true },
    ] as const;
    offer(log, 'Two questions', {
      type: 'form',
      id: 'asked',
      submit: 'Hand in',
      fields: [...fields],
    });
    await button(page, 'Hand in').waitFor();
    expect(await page.getByRole('heading', { name: 'Hand in' }).count()).toBe(0);
    await page.getByRole('form', { name: 'Hand in' }).waitFor();
    const fault = { field: 'email', code: 'pattern', message: 'no' } as const;
    gateway.refuseAct = { code: 'invalid_value', message: 'no', retryable: false, faults: [fault] };
    await page.getByLabel('How many?').fill('2');
    await page.getByLabel('E-mail address').fill('ada');
    await button(page, 'Hand in').click();
    await page.getByText('An e-mail address is needed, such as ada@example.org.').waitFor();
    await page.getByLabel('E-mail address').fill('ada@example.org');
    await button(page, 'Hand in').click();
    const said = page.getByRole('list', { name: 'Messages' });
    await said.getByText('How many? 2').waitFor();
    await said.getByText('E-mail address: ada@example.org').waitFor();
  });

  it('says of an answer what its field says, until it is not asked any more', async () => {
    const page = await openPage(browser, url, complaints);
    const log = await begun(page);
    const code = { name: 'code', label: 'Code', input: 'text', invalid: 'Two letters.' } as const;
    const form = { type: 'form', id: 'asked', submit: 'Hand in', offer: 'q1' } as const;
    offer(log, 'Your code?', { ...form, fields: [code] });
    const fault = { field: 'code', code: 'pattern', message: 'no' } as const;
    gateway.refuseAct = { code: 'invalid_value', message: 'no', retryable: false, faults: [fault] };
    await page.getByLabel('Code').fill('12');
    await button(page, 'Hand in').click();
    await page.getByText('Two letters.').waitFor();
    await page.getByText('Some answers need another look.').waitFor();
    new Answering(log).start().finish('q1');
    await page.getByText('It is not asked any more.').waitFor();
    expect(await page.getByText('Two letters.').count()).toBe(0);
    expect(await page.getByText('Some answers need another look.').count()).toBe(0);
  });

  it.each([
    ['light', 320],
    ['dark', 320],
    ['light', 1280],
    ['dark', 1280],
  ] as const)('breaks no rule of axe and fits: %s, %i wide', async (colorScheme, width) => {
    const page = await openPage(browser, url, complaints, {
      colorScheme,
      viewport: { width, height: 800 },
    });
    const log = await begun(page);
    offer(log, 'Choose', YES_OR_NO, LIST, CARD, FORM, { type: 'unknown' }, REPLIES);
    await button(page, 'Red').click();
    await button(page, 'Red ✓ you').waitFor();
    offer(log, 'And then?', { ...YES_OR_NO, for: ['user:bob'] }, REPLIES);
    await page.getByRole('list', { name: 'Quick replies' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(await overflows(page)).toEqual([]);
    expect(await violations(page)).toEqual([]);
  });
});
