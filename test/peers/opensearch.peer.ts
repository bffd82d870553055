import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import t, { type Test } from 'tap';
import { z } from 'zod';

import { startAccount } from './support/account.ts';
import { setUpRelay } from './support/agent.ts';
import { makeFindings } from './support/findings.ts';
import { readLines } from './support/lines.ts';
import { eventIdOf } from './support/message.ts';
import { type OpenSearch, startOpenSearch } from './support/opensearch.ts';
import { until } from './support/until.ts';

t.setTimeout(120_000);

const INDEX = 'guardduty';

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
async function rejections({ call }: OpenSearch): Promise<number> {
  const { nodes } = statsSchema.parse(await call('GET', '/_nodes/stats/indexing_pressure'));
  const counts = Object.values(nodes).map(
    (node) => node.indexing_pressure.memory.total.coordinating_rejections,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** An agent that reads an account and ships to an index of OpenSearch. */
async function openScene(t: Test, settings: Readonly<Record<string, string>> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'guardrelay-peers-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const openSearch = await startOpenSearch(directory, settings);
  t.teardown(openSearch.stop);
  const account = await startAccount();
  t.teardown(account.close);
  const destination = {
    ...{ id: 'siem', type: 'opensearch', url: openSearch.url, insecureTransport: true, index: INDEX },
    ...{ format: 'raw', batch: { maxRecords: 100 } },
  };
  const agentDirectory = join(directory, 'agent');
  const quarantine = join(agentDirectory, 'state', 'quarantine', 'siem.ndjson');
  return {
    ...{ openSearch, account, agent: await setUpRelay(agentDirectory, account.scene, [destination]) },
    /** The events that stand in quarantine. */
    quarantined: async () =>
      (await readLines(quarantine)).map((line) => eventIdOf(entrySchema.parse(JSON.parse(line)).raw)),
    /** The events that stand in the index. */
    arrived: async () => (await openSearch.search(INDEX)).map(({ source }) => source.id).sort(),
  };
}

t.test('a document that OpenSearch does not take stands in quarantine, and no other', async (t) => {
  const { openSearch, account, agent, arrived, quarantined } = await openScene(t);
  await openSearch.call('PUT', `/${INDEX}`, {
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

t.test(
  'an index that takes nothing because the disk is full gets everything once it does again',
  async (t) => {
    const { openSearch, account, agent, arrived, quarantined } = await openScene(t);
    await openSearch.call('PUT', `/${INDEX}`, { settings: { [READ_ONLY]: true } });
    const findings = makeFindings(300);
    await account.write(findings);
    const running = await agent.start('run');
    t.teardown(() => running.end('SIGKILL'));
    await until('the agent has met the full disk', () => running.stderr().includes('flood-stage'));

    await openSearch.call('PUT', `/${INDEX}/_settings`, { [READ_ONLY]: null });
    await until('everything arrives', async () => (await arrived()).length >= findings.length);
    const exit = await running.end('SIGTERM');

    t.equal(exit.code, 0, 'the agent ends well', { stderr: running.stderr() });
    t.same(await arrived(), findings.map(({ id }) => id).sort());
    t.same(await quarantined(), []);
  },
);

t.test('documents that OpenSearch has no memory for are sent again', async (t) => {
  const { openSearch, account, agent, arrived, quarantined } = await openScene(t, {
    'indexing_pressure.memory.limit': '600kb',
  });
  await openSearch.call('PUT', `/${INDEX}`);
  const findings = makeFindings(2000);
  await account.write(findings);

  const ran = await agent.run('run', '--once');

  t.ok((await rejections(openSearch)) > 0, 'OpenSearch has refused some for a while');
  t.equal(ran.code, 0, 'run --once succeeds', { stderr: ran.stderr });
  t.same(await arrived(), findings.map(({ id }) => id).sort());
  t.same(await quarantined(), []);
});
