/** Chromium, and what a test does with a page in it. */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { PATIENCE } from './patience.ts';

const CANDIDATES = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Where the browser is; undefined where this machine has none. */
const executable = CANDIDATES.find((path) => path !== undefined && existsSync(path));

/** Where everything must be tested, a missing browser is a failure. */
export const isSkipped = executable === undefined && process.env.CONVENE_TEST_REQUIRE !== '1';

export async function launch(): Promise<Browser> {
  if (executable === undefined) throw new Error('no Chromium: install it, or set CHROMIUM');
  return chromium.launch({ executablePath: executable, args: ['--no-sandbox'] });
}

/** A page of its own, as of another person on another machine, that fails the test on any error. */
export async function openPage(
  browser: Browser,
  url: string,
  complaints: string[],
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  await slowDown(page);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const text = message.text();
    const isNetwork = text.includes('Failed to load resource') || text.includes('WebSocket');
    if (message.type() === 'error' && !isNetwork) complaints.push(text);
  });
  page.on('request', (request) => {
    const isOwn = new URL(request.url()).host === new URL(url).host;
    if (!isOwn) complaints.push(`a request to elsewhere: ${request.url()}`);
  });
  await page.goto(url);
  return page;
}

/** `SLOW=8 npm run test:page` has an eighth of the processor for the page: what a test does not wait for shows. */
export async function slowDown(page: Page): Promise<void> {
  if (process.env.SLOW === undefined) return;
  const inspector = await page.context().newCDPSession(page);
  await inspector.send('Emulation.setCPUThrottlingRate', { rate: Number(process.env.SLOW) });
}

export async function enter(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: /Begin|Join/ }).click();
  await page.locator('nav').waitFor({ state: 'attached' });
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: /Write/ }).fill(text);
  await page.keyboard.press('Enter');
}
