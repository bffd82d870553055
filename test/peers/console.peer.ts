import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

import { fleetOf, STATES, sourceIn } from '../support/console-scene.ts';
import { openChromium, openPage, serveScene, violations } from './support/console-browser.ts';

const FRONT_END = fileURLToPath(new URL('../../agent/console/web', import.meta.url));
execFileSync('vite', ['build', '--logLevel', 'error', FRONT_END], { stdio: 'inherit' });

const browser = await openChromium();
t.teardown(() => browser.close());

/** Each with words that stand on it when it has loaded. */
const PAGES = [{ path: '/', shows: 'Heartbeat age by customer and region' }] as const;
const THEMES = ['light', 'dark'] as const;
const WIDTHS = [1280, 390] as const;

t.test(
  'every page is accessible by the rules of axe, in both themes and widths, and asks nobody else',
  async (t) => {
    const url = await serveScene(t, fleetOf(20));
    for (const colorScheme of THEMES) {
      for (const width of WIDTHS) {
        const { page, faults } = await openPage(t, browser, {
          colorScheme,
          viewport: { width, height: 844 },
        });
        for (const { path, shows } of PAGES) {
          await page.goto(url + path);
          await page.getByText(shows).first().waitFor();

          const found = await violations(page);
          const overflow = await page.evaluate('document.documentElement.scrollWidth > innerWidth');

          t.same(found, [], `${path} ${colorScheme} ${width}`);
          t.equal(overflow, false, `${path} fits into ${width} pixels`);
        }
        t.same(faults, []);
      }
    }
  },
);

t.test('each state is readable without colour', async (t) => {
  const url = await serveScene(
    t,
    STATES.map((state) => sourceIn(state, `${state}-corp`)),
  );
  const { page } = await openPage(t, browser);
  await page.goto(url);

  for (const state of STATES) {
    await page.getByRole('link', { name: `${state}-corp, us-east-1, ${state}` }).waitFor();
  }
});

t.test(
  '3,638 sources are painted in under a second, with the cause of what is broken in sight',
  async (t) => {
    const url = await serveScene(t, fleetOf(214));
    const { page, faults } = await openPage(t, browser);
    await page.goto(url);
    await page.goto(url, { waitUntil: 'commit' });
    await page.getByText('the GuardDuty detector is disabled').waitFor();

    const paintedMs = Number(
      await page.evaluate(
        `new Promise((done) => new PerformanceObserver((list) => done(list.getEntries()[0].startTime)).observe({ type: 'paint', buffered: true }))`,
      ),
    );
    const cause = await page.getByText('the GuardDuty detector is disabled').boundingBox();

    t.comment(`painted after ${Math.round(paintedMs)} ms`);
    t.ok(paintedMs < 1_000);
    t.ok(cause && cause.y < 800, 'without scrolling');
    t.same(faults, []);
  },
);

t.test('the overview is complete without a script, and accessible', async (t) => {
  const url = await serveScene(t, fleetOf(20));
  const { page } = await openPage(t, browser, { javaScriptEnabled: false });
  await page.goto(url);

  t.ok(await page.getByText('the GuardDuty detector is disabled').isVisible());
  t.ok(await page.getByRole('columnheader', { name: 'euc1' }).isVisible());
});

t.test('the matrix is used with the keyboard alone', async (t) => {
  const url = await serveScene(t, fleetOf(20));
  const { page } = await openPage(t, browser);
  await page.goto(url);
  await page.getByRole('button', { name: 'Lag' }).waitFor();

  await page.keyboard.press('Tab');
  const skip = await page.evaluate('document.activeElement.textContent');
  await page.locator('a.cell').first().focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowDown');
  const name = await page.evaluate('document.activeElement.getAttribute("aria-label")');
  const reached = await page.locator('.cell[tabindex="0"]').count();

  t.equal(skip, 'Skip to the content');
  t.match(String(name), 'blocked-corp, us-west-2, quiet');
  t.equal(reached, 1, 'Tab reaches one cell alone');
});

t.test('the theme is switched, and stays', async (t) => {
  const url = await serveScene(t, fleetOf(2));
  const { page } = await openPage(t, browser, { colorScheme: 'light' });
  await page.goto(url);
  const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');

  await page.getByRole('button', { name: /^Theme/ }).click();
  await page.getByRole('button', { name: /^Theme/ }).click();
  const dark = await background();
  await page.reload();

  t.equal(dark, 'rgb(13, 17, 23)');
  t.equal(await background(), 'rgb(13, 17, 23)');
});
