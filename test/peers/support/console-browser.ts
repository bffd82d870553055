import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Test } from 'tap';

import type { AgentView } from '../../../agent/console/agent-view.ts';
import type { ListenOptions } from '../../../agent/console/server.ts';
import type { ObservedSource } from '../../../agent/health/overview.ts';
import { consoleScene } from '../../support/console-scene.ts';
import { startConsole } from '../../support/console-server.ts';

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** Debian's. */
export function openChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
}

/** The real server, with sources in chosen states. */
export function serveScene(t: Test, observed: readonly ObservedSource[]): Promise<string> {
  return serveView(t, consoleScene(observed));
}

export async function serveView(
  t: Test,
  view: AgentView,
  options: Partial<ListenOptions> = {},
): Promise<string> {
  const http = await startConsole(view, options);
  t.teardown(() => http.close());
  return http.url;
}

/** A page, and everything about it that must never happen. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of the console, and requests to others. */
  readonly faults: readonly string[];
}

export async function openPage(
  t: Test,
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    bypassCSP: false,
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  t.teardown(() => context.close());
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('dialog', async (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on('request', (request) => {
    if (new URL(request.url()).hostname !== '127.0.0.1') faults.push(`request: ${request.url()}`);
  });
  return { page, faults };
}

/** What axe-core has against the page, rule by rule. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const found: string = await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
       .then(({ violations }) => JSON.stringify(violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(' | '))))`,
  );
  const list: readonly string[] = JSON.parse(found);
  return list;
}
