import { setImmediate } from 'node:timers/promises';

import { Validator } from '@seriousme/openapi-schema-validator';
import t, { type Test } from 'tap';
import { z } from 'zod';

import type { MuteDesk } from '../../agent/console/agent-view.ts';
import { API_BASE, API_ROUTES } from '../../agent/console/api/routes.ts';
import type { SeriesAnswer } from '../../agent/console/api/series.ts';
import { sourceId } from '../../agent/console/api/source-json.ts';
import { createLiveFeed } from '../../agent/console/live-feed.ts';
import { type HttpListener, startHttp } from '../../agent/console/server.ts';
import type { Mute } from '../../agent/model/mute.ts';
import { agentView, BROKEN, LISTEN } from '../support/agent-view.ts';
import { NOW } from '../support/health-facts.ts';
import { createAnswerCheck } from '../support/openapi.ts';

async function start(t: Test, parts: Parameters<typeof agentView>[0] = {}): Promise<HttpListener> {
  const http = await startHttp({ ...LISTEN, view: agentView(parts) });
  t.teardown(() => http.close());
  return http;
}

const document = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

async function documentOf(url: string): Promise<z.infer<typeof document>> {
  const answer = await fetch(`${url}${API_BASE}/openapi.json`);
  return document.parse(await answer.json());
}

/** Judges like the agent's own. */
function muteDesk(): MuteDesk {
  let mutes: readonly Mute[] = [];
  return {
    current: () => mutes,
    async add(wish) {
      if (wish.until <= NOW) throw new RangeError('a mute must end in the future');
      const mute = { ...wish, id: 'mute-1', at: NOW };
      mutes = [...mutes, mute];
      return mute;
    },
    async remove(id) {
      const before = mutes.length;
      mutes = mutes.filter((mute) => mute.id !== id);
      return mutes.length < before;
    },
  };
}

function post(url: string, question: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(question) });
}

const paths: Readonly<Record<string, string>> = {
  '/sources/{id}': `/sources/${sourceId(BROKEN)}`,
  '/jobs/{id}': '/jobs/job-0',
};

t.test('the document is OpenAPI 3.1 to a validator that nobody here wrote', async (t) => {
  const { url } = await start(t);

  const checked = await new Validator().validate(await documentOf(url));

  t.same(checked, { valid: true });
});

t.test('the document names every route, and no other', async (t) => {
  const { url } = await start(t);

  const { paths } = await documentOf(url);

  const named = Object.entries(paths).flatMap(([path, each]) =>
    Object.keys(each).map((method) => `${method.toUpperCase()} ${path}`),
  );
  t.same(named.toSorted(), API_ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted());
});

t.test('a test and a replay are jobs, and what they answer is in the document', async (t) => {
  const { url } = await start(t);
  const check = createAnswerCheck(await documentOf(url));
  const source = sourceId(BROKEN);
  const questions = [
    ['/test', { source }],
    ['/replay', { source, from: '2026-11-21T10:00:00Z', destination: 'siem', dryRun: true }],
  ] as const;

  for (const [path, question] of questions) {
    const answer = await post(`${url}${API_BASE}${path}`, question);
    t.equal(answer.status, 200, path);
    t.same(check(path, await answer.json(), 'post'), [], path);
  }
  const jobs = await (await fetch(`${url}${API_BASE}/jobs`)).json();
  t.same(check('/jobs', jobs), []);
  t.match(jobs, { data: [{ kind: 'replay', customer: 'acme' }, { kind: 'test' }] });
});

t.test('what is asked wrongly is told, and nothing is begun', async (t) => {
  const { url } = await start(t);
  const source = sourceId(BROKEN);
  const cases: readonly [string, object, number][] = [
    ['/test', { source: '0'.repeat(16) }, 404],
    ['/test', { source, via: 'pigeon' }, 400],
    ['/test', { source, more: 1 }, 400],
    ['/replay', { source }, 400],
    ['/replay', { source, from: '2026-11-21T10:00:00Z', to: '2026-11-20T10:00:00Z' }, 400],
    ['/replay', { source, from: '2026-11-21T10:00:00Z', destination: 'elsewhere' }, 404],
  ];

  for (const [path, question, expected] of cases) {
    const answer = await post(`${url}${API_BASE}${path}`, question);
    t.equal(answer.status, expected, JSON.stringify(question));
  }
  t.match(await (await fetch(`${url}${API_BASE}/jobs`)).json(), { data: [] });
  t.equal((await fetch(`${url}${API_BASE}/sources?limit=-1`)).status, 400);
  t.equal((await fetch(`${url}${API_BASE}/sources?colour=red`)).status, 400);
});

t.test('a mute begins, is listed, ends, and stands in the audit log', async (t) => {
  const audited: object[] = [];
  const { url } = await start(t, {
    audit: { add: (entry) => void audited.push(entry), last: async () => [] },
    mutes: muteDesk(),
  });
  const check = createAnswerCheck(await documentOf(url));
  const wish = { customer: 'acme', region: 'eu-*', until: '2026-11-21T14:00:00Z', reason: 'new firewall' };

  const begun = await post(`${url}${API_BASE}/mutes`, wish);
  const unknown = await post(`${url}${API_BASE}/mutes`, { ...wish, customer: 'nobody' });
  const past = await post(`${url}${API_BASE}/mutes`, { ...wish, until: '2026-11-21T11:00:00Z' });
  const listed = await (await fetch(`${url}${API_BASE}/mutes`)).json();
  const ended = await fetch(`${url}${API_BASE}/mutes/mute-1`, { method: 'DELETE' });
  const again = await fetch(`${url}${API_BASE}/mutes/mute-1`, { method: 'DELETE' });

  t.same(check('/mutes', await begun.json(), 'post'), []);
  t.equal(unknown.status, 404);
  t.equal(past.status, 400);
  t.same(check('/mutes', listed), []);
  t.match(listed, { data: [{ customer: 'acme', region: 'eu-*', by: 'local', reason: 'new firewall' }] });
  t.match(await ended.json(), { data: [] });
  t.equal(again.status, 404);
  t.match(audited, [
    { action: 'mute', customer: 'acme', subject: '* eu-*', detail: /new firewall/ },
    { detail: 'ended' },
  ]);
});

t.test('events are filtered, and a client that has gone is forgotten', async (t) => {
  const live = createLiveFeed();
  const { url } = await start(t, { live });
  const gone = new AbortController();
  const answer = await fetch(`${url}${API_BASE}/events?type=state&customer=acme`, { signal: gone.signal });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  await reader?.read();
  const state = {
    type: 'state',
    at: NOW,
    ...BROKEN,
    state: 'silent',
    before: 'quiet',
    reason: 'nothing',
  } as const;

  live.tell({ ...state, customer: 'globex' });
  live.tell({ type: 'handed-out', at: NOW, time: NOW, ...BROKEN, kind: 'finding', what: 'x', key: 'k' });
  live.tell(state);
  const { value = '' } = (await reader?.read()) ?? {};
  gone.abort();
  await reader?.closed.catch(() => {});
  while (live.isHeard) await setImmediate();

  t.match(value, /^data: /);
  t.match(JSON.parse(value.slice('data: '.length)), { type: 'state', customer: 'acme', state: 'silent' });
});

t.test('so many may listen, and no more', async (t) => {
  const { url } = await start(t);
  const gone = new AbortController();
  t.teardown(() => gone.abort());
  const listen = () => fetch(`${url}${API_BASE}/events`, { signal: gone.signal });

  const statuses = [];
  for (let client = 0; client < 11; client += 1) statuses.push((await listen()).status);

  t.same(statuses, [...Array.from({ length: 10 }, () => 200), 429]);
});

t.test('members are told of one customer, each with the worst that it is anywhere', async (t) => {
  const { url } = await start(t);
  const check = createAnswerCheck(await documentOf(url));

  const all = await (await fetch(`${url}${API_BASE}/accounts`)).json();
  const one = await (await fetch(`${url}${API_BASE}/accounts?customer=acme`)).json();

  t.notMatch(JSON.stringify(all), 'resigned');
  t.same(check('/accounts', one), []);
  t.match(one, {
    data: [
      { account: '111111111111', isCollected: true, members: [] },
      { account: '123456789123', name: 'payments-prod', status: 'resigned', members: [{ text: 'Resigned' }] },
    ],
  });
});

t.test('a series says since when it counts, and has a number for each cell', async (t) => {
  const { url } = await start(t);
  const check = createAnswerCheck(await documentOf(url));
  const spans = [
    { span: 'hour', cells: 60, cellSeconds: 60 },
    { span: 'day', cells: 96, cellSeconds: 900 },
  ];

  for (const { span, cells, cellSeconds } of spans) {
    const response = await fetch(`${url}${API_BASE}/series?span=${span}`);
    const answer: SeriesAnswer = JSON.parse(await response.text());
    const { summary, data } = answer;

    t.same(check('/series', answer), []);
    t.match(summary, { span, cellSeconds, since: new Date(NOW - 300_000).toISOString() });
    const lists = [data.lag, ...data.records.map(({ counts }) => counts)];
    t.same(new Set(lists.map(({ length }) => length)), new Set([cells]));
    t.equal(data.records[0]?.counts[0], null, 'nobody counted yet');
  }
  t.equal((await fetch(`${url}${API_BASE}/series?span=year`)).status, 400);
});

t.test('every answer is what the document says', async (t) => {
  const { url } = await start(t);
  const check = createAnswerCheck(await documentOf(url));
  await post(`${url}${API_BASE}/test`, { source: sourceId(BROKEN) });
  const readable = API_ROUTES.filter(({ method, media }) => method === 'GET' && media === undefined);

  for (const { path } of readable) {
    const answer = await fetch(`${url}${API_BASE}${paths[path] ?? path}`);

    t.equal(answer.status, 200, path);
    t.same(check(path, await answer.json()), [], path);
  }
});
