import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import t, { type Test } from 'tap';
import { z } from 'zod';

import { systemClock } from '../../agent/model/clock.ts';
import { openFinder } from '../../agent/relay/open-finder.ts';
import { opensearchOptions } from '../../agent/ship/sinks/opensearch.ts';
import { startAccount } from './support/account.ts';
import { setUpRelay } from './support/agent.ts';
import { makeFindings } from './support/findings.ts';
import { readLines } from './support/lines.ts';
import { eventIdOf } from './support/message.ts';
import { startOpenSearch } from './support/opensearch.ts';
import { until } from './support/until.ts';

const READ_ONLY = 'index.blocks.read_only_allow_delete';

const entrySchema = z.object({ raw: z.string() });

const statsSchema = z.object({
  nodes: z.record(
    z.string(),
    z.object({
      indexing_pressure: z.object({
        memory: z.object({ total: z.object({ coordinating_rejections: z.int() }) }),
      }),
    }),
  ),
});

/** How many requests the node has answered with 429 for want of memory. */
async function rejections(): Promise<number> {
  const { nodes } = statsSchema.parse(await openSearch.call('GET', '/_nodes/stats/indexing_pressure'));
  const counts = Object.values(nodes).map(
    (node) => node.indexing_pressure.memory.total.coordinating_rejections,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

const directory = await mkdtemp(join(tmpdir(), 'guardrelay-peers-'));
// Memory for two batches at once.
const openSearch = await startOpenSearch(directory, { 'indexing_pressure.memory.limit': '450kb' });
t.teardown(async () => {
  await openSearch.stop();
  await rm(directory, { recursive: true });
});

/** An agent that reads an account and ships to an index of its own. */
async function openScene(t: Test, index: string) {
  const account = await startAccount();
  t.teardown(account.close);
  const destination = {
    ...{ id: 'siem', type: 'opensearch', url: openSearch.url, insecureTransport: true, index },
    ...{ format: 'raw', batch: { maxRecords: 100 } },
  };
  const agentDirectory = join(directory, index);
  const quarantine = join(agentDirectory, 'state', 'quarantine', 'siem.ndjson');
  return {
    account,
    agent: await setUpRelay(agentDirectory, account.scene, [destination]),
    /** The events that stand in quarantine. */
    quarantined: async () =>
      (await readLines(quarantine)).map((line) => eventIdOf(entrySchema.parse(JSON.parse(line)).raw)),
    /** The events that stand in the index. */
    arrived: async () => (await openSearch.search(index)).map(({ source }) => source.id).sort(),
  };
}

t.test('a document that OpenSearch does not take stands in quarantine, and no other', async (t) => {
  const { account, agent, arrived, quarantined } = await openScene(t, 'typed');
  await openSearch.call('PUT', '/typed', {
    mappings: { properties: { detail: { properties: { note: { type: 'date' } } } } },
  });
  const findings = makeFindings(300).map((finding, at) =>
    at === 150
      ? { ...finding, message: finding.message.replace('"schemaVersion"', '"note":"no date",$&') }
      : finding,
  );
  await account.write(findings);

  const ran = await agent.run('run', '--once');

  t.equal(ran.code, 0, 'run --once succeeds', { stderr: ran.stderr });
  t.same(await quarantined(), ['f-150']);
  t.same(
    await arrived(),
    findings
      .map(({ id }) => id)
      .filter((id) => id !== 'f-150')
      .sort(),
  );
});

t.test('an index without disk space gets everything once it has some', async (t) => {
  const { account, agent, arrived, quarantined } = await openScene(t, 'full');
  await openSearch.call('PUT', '/full', { settings: { [READ_ONLY]: true } });
  const findings = makeFindings(300);
  await account.write(findings);
  const running = await agent.start('run');
  t.teardown(() => running.end('SIGKILL'));
  await until('the agent has met the full disk', () => running.stderr().includes('flood-stage'));

  await openSearch.call('PUT', '/full/_settings', { [READ_ONLY]: null });
  await until('everything arrives', async () => (await arrived()).length >= findings.length);
  const exit = await running.end('SIGTERM');

  t.equal(exit.code, 0, 'the agent ends well', { stderr: running.stderr() });
  t.same(await arrived(), findings.map(({ id }) => id).sort());
  t.same(await quarantined(), []);
});

t.test('documents that OpenSearch has no memory for are sent again', async (t) => {
  const { account, agent, arrived, quarantined } = await openScene(t, 'busy');
  const before = await rejections();
  const findings = makeFindings(2000);
  await account.write(findings);

  const ran = await agent.run('run', '--once');

  t.ok((await rejections()) > before, 'OpenSearch has refused some for a while');
  t.equal(ran.code, 0, 'run --once succeeds', { stderr: ran.stderr });
  t.same(await arrived(), findings.map(({ id }) => id).sort());
  t.same(await quarantined(), []);
});

t.test('a test record is seen in the index once it can be found there', async (t) => {
  const { agent } = await openScene(t, 'tested');

  const { code, stdout, stderr } = await agent.run('test', '--via', 'agent', '--strict');

  t.equal(code, 0, stdout);
  t.match(stderr, /Test record seen in SIEM in \d+ s\./);
});

t.test(
  'where documents have ids of their own, a record is found by its fields, whatever their types',
  async (t) => {
    const key = 'gr-0123456789abcdef01234567';
    const rows = [
      ['as-text', {}, 'found'],
      ['as-keyword', { id: { type: 'keyword' } }, 'found'],
      ['as-number', { id: { type: 'long', ignore_malformed: true } }, 'absent'],
      ['as-nothing', { other: { type: 'keyword' } }, 'absent'],
    ] as const;

    for (const [index, properties, expected] of rows) {
      await openSearch.call('PUT', `/${index}`, { mappings: { properties } });
      const id = index === 'as-nothing' ? 'gr-76543210' : key;
      await openSearch.call('POST', `/${index}/_doc?refresh`, { id });
      const options = opensearchOptions.parse({
        ...{ id: 'siem', type: 'opensearch', url: openSearch.url, insecureTransport: true, index },
      });
      const finder = openFinder(options, {
        ...{ clock: systemClock, readSecret: async () => '', proxyFor: () => undefined },
      });
      t.match(await finder?.find(key, AbortSignal.timeout(10_000)), { kind: expected }, index);
      await finder?.close(1_000);
    }
  },
);
