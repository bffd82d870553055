import { clockText } from '../view/instant-text.ts';
import type { Assets } from './assets.ts';
import { type Content, html, type Markup } from './html.ts';

export const THEMES = ['light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export interface Frame {
  readonly title: string;
  readonly path: string;
  readonly agentId: string;
  /** Epoch ms. */
  readonly now: number;
  readonly assets: Assets;
  /** Absent: as the system has it. */
  readonly theme?: Theme | undefined;
}

/** What there is without a script. */
const PAGES = [
  { name: 'Overview', path: '/' },
  { name: 'Search', path: '/search' },
] as const;

/** A whole page. The script, where there is one, takes its place as soon as it has something to show. */
export function pageText(frame: Frame, body: Content): string {
  const { title, assets, theme } = frame;
  const page = html`<!doctype html>
<html lang="en"${theme === undefined ? '' : html` data-theme="${theme}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${assets.style}">
${scriptTag(assets)}
</head>
<body>
<div id="app">
<a class="skip" href="#main">Skip to the content</a>
${top(frame)}
<main id="main">
${body}
</main>
</div>
</body>
</html>
`;
  return page.text;
}

/** Without a script the page loads itself again. */
function scriptTag({ script }: Assets): Markup {
  const refresh = html`<meta http-equiv="refresh" content="15">`;
  if (script === undefined) return refresh;
  return html`<noscript>${refresh}</noscript><script type="module" src="${script}"></script>`;
}

function top({ path, agentId, now }: Frame): Markup {
  return html`<header class="top">
<a class="brand" href="/">${MARK}guardrelay</a>
<nav aria-label="Pages">${PAGES.map((page) => html`<a href="${page.path}"${page.path === path ? html` aria-current="page"` : ''}>${page.name}</a>`)}</nav>
<div class="who"><span class="wide">${agentId}</span><span class="nowrap">${clockText(now)} UTC</span></div>
</header>`;
}

/** A pulse that goes through. */
const PULSE = html`<path d="M1 11h4l2.5-7 4.5 13 2.5-6H19" stroke="currentColor" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"/>`;
const MARK = html`<svg width="20" height="20" viewBox="0 0 20 20" fill="none" aria-hidden="true">${PULSE}</svg>`;
/** Of the tab; its colour shows on light and dark. */
export const ICON =
  html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20" fill="none" color="#2f81f7">${PULSE}</svg>`
    .text;
