import t, { type Test } from 'tap';

import type { AgentView } from '../../agent/console/agent-view.ts';
import { type HttpListener, startHttp } from '../../agent/console/server.ts';
import { createMetrics } from '../../agent/health/metrics.ts';
import { overview } from '../../agent/health/overview.ts';
import { createReadMeter } from '../../agent/health/read-meter.ts';
import { agentView, BROKEN, LISTEN, observedSource, SOUND } from '../support/agent-view.ts';
import { NOW } from '../support/health-facts.ts';

function viewOf(parts: Partial<AgentView>): AgentView {
  const seen = () => overview([BROKEN], NOW);
  return agentView({
    observed: () => [BROKEN],
    overview: seen,
    metrics: createMetrics({
      ...{ version: '0.0.0', overview: seen, destinations: () => [], now: () => NOW },
      meters: [createReadMeter()],
    }),
    ...parts,
  });
}

async function start(t: Test, parts: Partial<AgentView> = {}): Promise<HttpListener> {
  const http = await startHttp({ ...LISTEN, view: viewOf(parts) });
  t.teardown(() => http.close());
  return http;
}

t.test('the page says what is broken, and text from AWS stays text', async (t) => {
  const { url } = await start(t);

  const answer = await fetch(`${url}/?q=${encodeURIComponent('"><script>')}`);
  const page = await answer.text();

  t.match(page, /1 of 1 sources needs action\./);
  t.match(page, /AUTH-006/);
  t.notMatch(page, /<script>/, 'neither the failure nor the search pattern becomes markup');
  t.match(answer.headers.get('content-security-policy'), /default-src 'none'/);
});

t.test('probes tell life, readiness and health apart', async (t) => {
  const { url } = await start(t, { isReady: () => false });

  t.equal((await fetch(`${url}/livez`)).status, 200);
  t.equal((await fetch(`${url}/readyz`)).status, 503);
  t.equal((await fetch(`${url}/startupz`)).status, 200);
  t.equal((await fetch(`${url}/healthz`)).status, 503, 'a failing source is never healthy');
});

t.test('a SIEM that is down is a matter of health, not of life', async (t) => {
  const siem = { ...SOUND.facts.destinations.siem, grade: 'none', mode: 'joined', waiting: 3 } as const;
  const down = observedSource('globex', '222222222222', {
    destinations: {
      siem: { ...siem, quarantined: 0, blocked: { why: 'auth', detail: 'DST-004: refused' } },
    },
  });
  const { url } = await start(t, {
    observed: () => [down],
    overview: () => overview([down], NOW),
  });

  const health = await fetch(`${url}/healthz`);

  t.equal((await fetch(`${url}/livez`)).status, 200);
  t.equal((await fetch(`${url}/readyz`)).status, 200);
  t.equal(health.status, 503);
  t.match(await health.json(), {
    healthy: false,
    problems: [{ customer: 'globex', state: 'blocked', code: 'DST-004' }],
    blocked: [{ id: 'siem', state: 'blocked' }],
  });
});

t.test('health of one customer is not that of another', async (t) => {
  const observed = [BROKEN, SOUND];
  const { url } = await start(t, { observed: () => observed, overview: () => overview(observed, NOW) });

  const answers = await Promise.all(
    ['acme', 'globex', 'nobody'].map((id) => fetch(`${url}/healthz?customer=${id}&verbose`)),
  );

  t.same(
    answers.map(({ status }) => status),
    [503, 200, 404],
  );
});

t.test('an agent that has not begun with its sources has not started', async (t) => {
  const { url } = await start(t, { hasStarted: () => false });

  t.equal((await fetch(`${url}/startupz`)).status, 503);
});

t.test('a loop that stands still is not alive', async (t) => {
  const { url } = await start(t, { isAlive: () => false });

  t.equal((await fetch(`${url}/livez`)).status, 503);
});

t.test('metrics show every state of every customer', async (t) => {
  const { url } = await start(t);

  const text = await (await fetch(`${url}/metrics`)).text();

  t.match(text, 'guardrelay_sources{customer="acme",state="failing"} 1');
  t.match(text, 'guardrelay_sources{customer="acme",state="ok"} 0');
  t.match(text, 'guardrelay_source_up{customer="acme",account="111111111111",region="eu-west-1"} 0');
});

t.test('a name that is not loopback is refused, so no page can rebind its own to us', async (t) => {
  const { url } = await start(t);
  const { request } = await import('node:http');

  const statusCode = await new Promise((resolve, reject) => {
    const ask = request(url, { headers: { host: 'evil.example' } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    ask.on('error', reject).end();
  });

  t.equal(statusCode, 421);
});

t.test('a taken port is told with what to do', async (t) => {
  const { url } = await start(t);

  const again = { ...LISTEN, listen: new URL(url).host, view: viewOf({}) };
  await t.rejects(startHttp(again), { code: 'AGT-005' });
});
