import type { Overview } from '../../health/overview.ts';
import { type Problem, problemsOf } from '../../health/problems.ts';
import { SOURCE_STATES } from '../../health/states.ts';
import { toSourceJson } from '../api/source-json.ts';
import { statusSummary } from '../api/status.ts';
import { GLYPHS } from '../terminal/glyphs.ts';
import type { SourceAnswer, StatusAnswer } from '../view/answers.ts';
import { counted, grouped } from '../view/count-text.ts';
import { deliveryText, figuresOf, toneOf } from '../view/figures.ts';
import { sinceText, utcText } from '../view/instant-text.ts';
import {
  cellName,
  cellText,
  cellTip,
  columnTitle,
  isQuietRow,
  type Matrix,
  type MatrixRow,
  matrixOf,
} from '../view/matrix.ts';
import { html, type Markup } from './html.ts';

/** So many problems, and so many customers, stand on the page at most. */
const MAX_PROBLEMS = 50;
const MAX_CUSTOMERS = 200;
const FOLD_FROM = 12;

/** The same as the API answers. */
export function statusAnswer(overview: Overview, now: number): StatusAnswer {
  return {
    generatedAt: new Date(now).toISOString(),
    summary: statusSummary(overview),
    data: overview.sources.map(toSourceJson),
  };
}

/** The verdict, what is broken and why, four numbers, customers by regions. */
export function overviewBody(status: StatusAnswer): Markup {
  const now = Date.parse(status.generatedAt);
  return html`<div class="verdict ${toneOf(status)}"><h1><span aria-hidden="true">${GLYPHS[toneOf(status)]}</span> ${status.summary.verdict}</h1><p>${deliveryText(status)}</p></div>
${problemList(problemsOf(status.data), now)}
<dl class="figures">${figuresOf(status).map(
    ({ name, value, note }) =>
      html`<div class="figure"><dt>${name}</dt><dd class="value">${value}</dd><dd class="note">${note}</dd></div>`,
  )}</dl>
${stateCounts(status)}
${matrixSection(matrixOf(status.data), now)}`;
}

function problemList(problems: readonly Problem<SourceAnswer>[], now: number): Markup {
  if (problems.length === 0) return html``;
  const lines = problems.slice(0, MAX_PROBLEMS).map((problem) => problemLine(problem, now));
  const left = problems.length - lines.length;
  const more =
    left > 0 ? html`<p class="more">and ${counted(left, 'more problem')}: guardrelay status</p>` : '';
  return html`<section class="problems" aria-label="Problems"><ol>${lines}</ol>${more}</section>`;
}

function problemLine({ source, others, since, next }: Problem<SourceAnswer>, now: number): Markup {
  const { customer, account, region, state, code, reason } = source;
  const more = others > 0 ? html` <span title="${counted(others, 'more source')}">+${others}</span>` : '';
  const age =
    since === undefined
      ? ''
      : html`<time datetime="${since}" title="${utcText(since)} UTC">for ${sinceText(since, now)}</time>`;
  return html`<li class="problem">${stateBadge(state)}
<div class="where">${customer}<small>${region}${more} · ${account}</small></div>
<div class="what">${code === undefined ? '' : html`<code>${code}</code> `}${reason}<div class="next">Next: <code>${next}</code></div></div>
<div class="since">${age}</div></li>\n`;
}

function stateBadge(state: SourceAnswer['state']): Markup {
  return html`<span class="state ${state}"><span aria-hidden="true">${GLYPHS[state]}</span>${state}</span>`;
}

function stateCounts({ summary: { states } }: StatusAnswer): Markup {
  const seen = SOURCE_STATES.filter((state) => (states[state] ?? 0) > 0);
  return html`<ul class="counts" aria-label="Sources by state">${seen.map(
    (state) =>
      html`<li><span class="state ${state}"><span aria-hidden="true">${GLYPHS[state]}</span> ${grouped(states[state] ?? 0)} ${state}</span></li>`,
  )}</ul>`;
}

function matrixSection({ regions, rows }: Matrix, now: number): Markup {
  const shown = (rows.length <= FOLD_FROM ? rows : rows.filter((row) => !isQuietRow(row))).slice(
    0,
    MAX_CUSTOMERS,
  );
  const folded = rows.length - shown.length;
  return html`<section aria-labelledby="matrix"><div class="head"><h2 id="matrix">Heartbeat age by customer and region</h2></div>
${shown.length > 0 ? matrixTable({ regions, rows: shown }, now) : ''}
${folded > 0 ? html`<p class="muted">+ ${counted(folded, 'customer')}, nothing to report</p>` : ''}
${rows.length === 0 ? html`<p class="empty">No source is known yet.</p>` : ''}</section>`;
}

function matrixTable({ regions, rows }: Matrix, now: number): Markup {
  return html`<div class="scroll matrix" tabindex="0" role="group" aria-labelledby="matrix"><table>
<thead><tr><th scope="col">Customer</th><th scope="col">Acc.</th>${regions.map(
    (region) => html`<th scope="col" title="${region}">${columnTitle(region)}</th>`,
  )}</tr></thead>
<tbody>${rows.map((row) => matrixRow(row, regions, now))}</tbody></table></div>`;
}

function matrixRow(row: MatrixRow, regions: readonly string[], now: number): Markup {
  return html`<tr><th scope="row"><span aria-hidden="true">${GLYPHS[row.state]}</span> ${row.customer}</th><td class="accounts">${row.accounts}</td>${regions.map(
    (region) => html`<td>${matrixCell(row, region, now)}</td>`,
  )}</tr>\n`;
}

function matrixCell(row: MatrixRow, region: string, now: number): Markup {
  const cell = row.cells.get(region);
  if (!cell) return html`<span class="cell none">·</span>`;
  return html`<span class="cell ${cell.source.state}" title="${cellTip(cell)}"><span aria-hidden="true">${cellText(cell, { mode: 'age', now })}</span><span class="hidden">${cellName(cell, now)}</span></span>`;
}
