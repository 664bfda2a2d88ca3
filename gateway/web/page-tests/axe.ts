/** What axe has to say about a page, and what does not fit on it. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe finds: the rule, and where it is broken. */
export async function violations(page: Page): Promise<string[]> {
  // An empty page, its words still on their way, breaks rules that the page keeps.
  await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
  // What fades in is judged when it is there, and nothing fades while it is judged.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate(() => {
    for (const animation of document.getAnimations()) {
      if (animation.effect?.getComputedTiming().iterations === 1) animation.finish();
    }
  });
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate(async () => {
    const { axe: inPage } = globalThis as unknown as { axe: typeof axe };
    return inPage.run(document, { resultTypes: ['violations'] });
  });
  return found.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) => `${id}: ${target.join(' ')}\n${failureSummary ?? ''}`,
    ),
  );
}

/** What stands out over the side of the page. */
export function overflows(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('main *')]
      .filter((element) => {
        const { left, right } = element.getBoundingClientRect();
        // What scrolls by itself may be as wide as it likes.
        const isOut = right > innerWidth + 1 || left < -1;
        return isOut && !element.closest('pre, .unseen, svg');
      })
      .map((element) => element.outerHTML.slice(0, 80)),
  );
}
