import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import t from 'tap';
import { z } from 'zod';

import { startCli } from '../support/cli.ts';
import { runChild } from './support/child.ts';
import { freePort, untilListening } from './support/ports.ts';
import { serverProgram } from './support/server-program.ts';
import { until } from './support/until.ts';

const RULES = fileURLToPath(new URL('../../config/prometheus/guardrelay.rules.yml', import.meta.url));
const RULE_TESTS = fileURLToPath(
  new URL('../../config/prometheus/guardrelay.rules.test.yml', import.meta.url),
);
const DASHBOARD = new URL('../../config/grafana/guardrelay.json', import.meta.url);

const answered = z.object({ data: z.object({ result: z.array(z.unknown()) }) });
const ruled = z.object({
  data: z.object({
    groups: z.array(
      z.object({ rules: z.array(z.object({ name: z.string(), health: z.string(), state: z.string() })) }),
    ),
  }),
});
const dashboard = z.object({
  panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })),
});

t.test('promtool takes the rules, and each fires when its test says so', async (t) => {
  const checked = await runChild({ command: 'promtool', args: ['check', 'rules', RULES] });
  const tested = await runChild({ command: 'promtool', args: ['test', 'rules', RULE_TESTS] });

  t.equal(checked.code, 0, checked.stderr);
  t.equal(tested.code, 0, tested.stdout + tested.stderr);
});

t.test('a real Prometheus scrapes the agent, evaluates every rule and fills every panel', async (t) => {
  const [page, port] = [await freePort(), await freePort()];
  const folder = await mkdtemp(join(tmpdir(), 'guardrelay-prometheus-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const demo = await startCli(['demo', '--port', String(page)]);
  t.teardown(() => demo.end('SIGTERM'));
  await untilListening(page);
  const prometheus = await startPrometheus(folder, { page, port });
  t.teardown(() => prometheus.stop());
  const url = `http://127.0.0.1:${port}/api/v1`;

  await until('every rule was evaluated', async () =>
    (await rules(url)).every(({ health }) => health === 'ok'),
  );
  await until('the broken region is an alert', async () =>
    (await rules(url)).some(({ name, state }) => name === 'GuardrelaySourcesDown' && state !== 'inactive'),
  );
  const metrics = await (await fetch(`http://127.0.0.1:${page}/metrics`)).text();
  const linted = await runChild({ command: 'promtool', args: ['check', 'metrics'], input: metrics });

  t.equal((await rules(url)).length, 11);
  for (const { title, exprs } of await panels()) {
    for (const expr of exprs) await t.resolves(query(url, expr), `${title}: ${expr}`);
  }
  t.notMatch(linted.stderr + linted.stdout, /guardrelay_/, 'no metric of ours offends the naming rules');
});

async function startPrometheus(
  folder: string,
  { page, port }: { readonly page: number; readonly port: number },
) {
  const config = join(folder, 'prometheus.yml');
  const scrape = { job_name: 'guardrelay', static_configs: [{ targets: [`127.0.0.1:${page}`] }] };
  const global = { scrape_interval: '1s', evaluation_interval: '1s' };
  await writeFile(config, JSON.stringify({ global, rule_files: [RULES], scrape_configs: [scrape] }));
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'tsdb')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const prometheus = serverProgram({ command: 'prometheus', args }, () => untilListening(port));
  await prometheus.start();
  return prometheus;
}

async function query(url: string, expr: string): Promise<readonly unknown[]> {
  const answer = await fetch(`${url}/query?query=${encodeURIComponent(expr)}`);
  if (answer.status === 503) return [];
  if (!answer.ok) throw new Error(await answer.text());
  return answered.parse(await answer.json()).data.result;
}

async function rules(url: string) {
  const answer = await fetch(`${url}/rules`);
  return ruled.parse(await answer.json()).data.groups.flatMap((group) => group.rules);
}

/** The expressions of the dashboard, for all customers. */
async function panels() {
  const text = (await readFile(DASHBOARD, 'utf8')).replaceAll('$customer', '.*');
  return dashboard
    .parse(JSON.parse(text))
    .panels.map(({ title, targets }) => ({ title, exprs: targets.map(({ expr }) => expr) }));
}
