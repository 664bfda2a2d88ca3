/** What the tests on a fake gateway play on: one browser, and a new gateway for each test. */
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { Browser } from 'playwright-core';
import { launch } from './browser.ts';
import { FakeGateway } from './gateway/gateway.ts';

export let browser: Browser;
export let gateway: FakeGateway;
export let url: string;
/** What no page may have: errors, broken policies, requests to elsewhere. */
export let complaints: string[];

/** Sets the stage around each test of the suite that calls this. */
export function setStage(): void {
  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(async () => {
    await browser.close();
  });

  beforeEach(async () => {
    complaints = [];
    gateway = new FakeGateway();
    url = await gateway.listen();
  });

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await gateway.close();
    expect(complaints).toEqual([]);
  });
}
