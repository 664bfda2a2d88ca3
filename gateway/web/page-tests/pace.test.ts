/**
 * How long the page keeps the browser from anything else, in the cases that are the worst for it:
 * `PACE=1 npm run test:page pace` prints it. Figures for eyes: nothing is asserted.
 */
import { describe, it } from 'vitest';
import type { Page } from 'playwright-core';
import { enter, openPage, say } from './browser.ts';
import { Answering } from './gateway/agent.ts';
import type { Log } from './gateway/log.ts';
import { until } from './patience.ts';
import { SAMPLE } from './sample.ts';
import { browser, complaints, gateway, setStage, url } from './stage.ts';

/** Pieces of this size, a second's fifty of them: 100 KB in 20 s. */
const PIECE = 100;
const EVERY_MS = 20;
const LENGTH = 100_000;

const repeated = (text: string) => text.repeat(Math.ceil(LENGTH / text.length)).slice(0, LENGTH);

const BLOCKS = {
  'a paragraph of plain words': repeated('every word of it is as plain as it can be, and '),
  'a paragraph with marks': repeated('some **words** in `it` are [marked](https://example.org), '),
  'a block of code': `\`\`\`rust\n${repeated('let answer = question.ask(&everyone).await?;\n')}`,
  'a list': repeated('- one *point* after the other, with `code`\n'),
  'a table': `| a | b |\n| --- | --- |\n${repeated('| one | *two* |\n')}`,
};

interface Spent {
  /** Tasks of more than 50 ms, during which nothing else can happen. Of the clock: a busy machine adds to it. */
  readonly longTasks: number;
  readonly longest: number;
  /** Of the processor, in milliseconds: of the page's thread, and what parts of it are. */
  readonly thread: number;
  readonly script: number;
  readonly layout: number;
  readonly style: number;
}

/** Begins to count; what it returns tells how much it was. */
async function watch(page: Page): Promise<() => Promise<Spent>> {
  const inspector = await page.context().newCDPSession(page);
  await inspector.send('Performance.enable', { timeDomain: 'threadTicks' });
  const measure = async () => {
    const { metrics } = await inspector.send('Performance.getMetrics');
    const of = (name: string) => 1000 * (metrics.find((one) => one.name === name)?.value ?? 0);
    return {
      thread: of('TaskDuration'),
      script: of('ScriptDuration'),
      layout: of('LayoutDuration'),
      style: of('RecalcStyleDuration'),
    };
  };
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { tasks });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: 'longtask' });
  });
  const before = await measure();
  return async () => {
    const after = await measure();
    const tasks = await page.evaluate(() => (globalThis as unknown as { tasks: number[] }).tasks);
    return {
      longTasks: tasks.length,
      longest: Math.round(Math.max(0, ...tasks)),
      thread: Math.round(after.thread - before.thread),
      script: Math.round(after.script - before.script),
      layout: Math.round(after.layout - before.layout),
      style: Math.round(after.style - before.style),
    };
  };
}

async function begun(): Promise<{ page: Page; log: Log }> {
  const page = await openPage(browser, url, complaints);
  await enter(page, 'Ada');
  await say(page, 'hello');
  await until(() => gateway.said.length > 0);
  const log = gateway.log(gateway.said[0]?.conversation ?? '');
  await page.getByRole('list', { name: 'Messages' }).getByText('hello').waitFor();
  return { page, log };
}

async function slowestKey(page: Page): Promise<number> {
  const field = page.getByRole('textbox', { name: /Write/ });
  await field.focus();
  const times: number[] = [];
  for (let key = 0; key < 10; key += 1) {
    const begin = performance.now();
    await page.keyboard.press('a');
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    times.push(performance.now() - begin);
  }
  return Math.round(Math.max(...times));
}

describe.skipIf(process.env.PACE === undefined)('the pace of the page', () => {
  setStage();

  it.each(Object.entries(BLOCKS))('with %s of 100 KB under way', async (name, block) => {
    const { page, log } = await begun();
    const spent = await watch(page);
    const answer = new Answering(log).start().begin('');
    const begin = performance.now();
    for (let at = 0; at < block.length; at += PIECE) {
      answer.write(block.slice(at, at + PIECE));
      const due = begin + (at / PIECE) * EVERY_MS;
      await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    }
    const underWay = await spent();
    const key = await slowestKey(page);
    const seconds = Math.round((performance.now() - begin) / 1000);
    answer.complete().finish();
    await page.getByRole('button', { name: 'Stop (Escape)' }).waitFor({ state: 'detached' });
    const { longest } = await spent();
    console.log(name, { seconds, ...underWay, key, longestWithEnd: longest });
  });

  it('with 5,000 messages', { timeout: 180_000 }, async () => {
    const { page, log } = await begun();
    const spent = await watch(page);
    for (let number = 0; number < 5000; number += 1) {
      const text =
        number % 10 === 0 ? SAMPLE : `message ${number}, of a usual length, with a *mark*`;
      const parts = [{ type: 'text' as const, text }];
      const author = number % 3 === 0 ? 'agent:guide' : 'user:bob';
      log.append({ type: 'message.created', message: { id: `m${number}`, author, parts } });
    }
    const last = page.getByText('message 4999,');
    await last.waitFor({ timeout: 120_000 });
    const filled = await spent();
    const nodes = await page.evaluate(() => document.querySelectorAll('*').length);

    const more = await watch(page);
    const answer = new Answering(log).start().begin('An answer ');
    for (let word = 0; word < 200; word += 1) {
      answer.write(`word${word} `);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    const answering = await more();
    const key = await slowestKey(page);
    answer.complete().finish();

    const scroll = await watch(page);
    await page.mouse.move(640, 300);
    for (let step = 0; step < 60; step += 1) {
      await page.mouse.wheel(0, -2000);
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    const scrolling = await scroll();
    const turned = await watch(page);
    await page.setViewportSize({ width: 900, height: 800 });
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    const resizing = await turned();
    console.log('5,000 messages', { nodes, filled, answering, key, scrolling, resizing });
  });
});
