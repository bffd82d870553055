import './console.css';

import { render } from 'preact';
import type { StatusAnswer } from '../view/answers.ts';
import { ask } from './api.ts';
import { App } from './app.tsx';

/** The page from the server stays until there is something to show in its place. */
async function start(): Promise<void> {
  const root = document.getElementById('app');
  if (!root) return;
  const status = location.pathname === '/' ? await firstStatus() : undefined;
  root.replaceChildren();
  render(<App status={status} />, root);
}

/** Where it fails, the page itself tells what is wrong. */
function firstStatus(): Promise<StatusAnswer | undefined> {
  return ask<StatusAnswer>('/status').catch(() => undefined);
}

await start();
