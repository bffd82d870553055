import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { until } from '../peers/support/until.ts';
import { ADMIN, addReader, linesOf, placeOf, REGIONS, type Scene, setScene } from '../support/agent-cli.ts';
import { type BulkReply, createBulkServer } from '../support/bulk-server.ts';
import { runCli, startCli } from '../support/cli.ts';
import { startHecServer } from '../support/hec-server.ts';
import { startSplunkSearch } from '../support/splunk-search.ts';
import { furnish, putRules } from '../support/stack-contents.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const STREAM = 'logs-guardrelay-default';
const REGION = 'us-east-1';

/** A collector in each region, and a reader role that may put canaries. */
async function collectors(t: Test, overrides: object = {}, ofCustomer: object = {}): Promise<Scene> {
  const canary = { enabled: false };
  const scene = await setScene(t, overrides, { heartbeat: { canary }, ...ofCustomer });
  addReader(scene.aws, scene.env.EXTERNAL_ID ?? '', ['events:PutEvents']);
  for (const region of REGIONS) furnish(scene.aws, placeOf(region));
  return scene;
}

/** The agent, in a process of its own. */
async function runAgent(t: Test, { cwd, env }: Scene): Promise<void> {
  const agent = await startCli(['run'], { cwd, env });
  t.teardown(() => agent.end('SIGKILL'));
  await until('the agent works', () => agent.stderr().includes('agent started'));
}

/** A cluster beside the SIEM of the scene, and what it has of the tests. */
async function cluster(t: Test, refusesSearch?: BulkReply) {
  const receiver = await startWebhookReceiver(t);
  const server = createBulkServer({ dataStreams: [STREAM], ...(refusesSearch && { refusesSearch }) });
  receiver.answer = (request) => server.answer(request);
  return { server, url: new URL(receiver.url).origin };
}

function opensearch(url: string): object {
  return {
    ...{ id: 'cluster', type: 'opensearch', url, dataStream: STREAM, insecureTransport: true },
    batch: { maxWaitMs: 20 },
  };
}

function recordsOf(siem: WebhookReceiver): readonly Record<string, unknown>[] {
  return linesOf(siem).map((line) => JSON.parse(line));
}

/** Without their seconds. */
function linesIn(stdout: string): readonly string[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ +\d+ s$/, ''));
}

function idIn(stdout: string): string {
  return /test id (gr-[0-9a-f]{24})/.exec(stdout)?.[1] ?? 'none';
}

t.test('a canary is followed through the findings rule to the SIEM, beside the running agent', async (t) => {
  const scene = await collectors(t);
  await runAgent(t, scene);

  const ran = await scene.guardrelay('test', '-o', 'table');
  const id = idIn(ran.stdout);
  const found = await scene.guardrelay('search', id, '--json');
  const both = await scene.guardrelay('test', '--region', '*', '--strict', '-o', 'ndjson');

  t.equal(ran.code, 0, ran.stderr);
  t.same(linesIn(ran.stdout), [
    "no --region, so of 2 regions only acme 111111111111 us-east-1; --region '*' tests all",
    `acme ${ADMIN} ${REGION} · test id ${id}`,
    ' ✔ put on the event bus',
    ' ✔ in log group',
    ' ✔ acknowledged by siem',
    ` ? not verified in the SIEM: no search access configured. Look for: ${id}`,
    linesIn(ran.stdout).at(-1),
  ]);
  t.match(linesIn(ran.stdout).at(-1), /^Test record acknowledged in \d+ s\.$/);
  t.match(JSON.parse(found.stdout).data, [{ kind: 'notice', what: 'guardrelay.test', key: id }]);
  t.equal(both.code, 3, 'nobody looked into the SIEM');
  const [version, ...steps] = both.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.same(version, { type: 'version', ui: '1.0' });
  for (const region of REGIONS) {
    t.same(
      steps.filter((step) => step.region === region).map(({ step }) => step),
      ['sent', 'stored', 'acknowledged', 'unverified'],
      region,
    );
  }
  t.same(
    recordsOf(scene.siem).map(({ type }) => type),
    Array(3).fill('guardrelay.test'),
  );
});

t.test('a SIEM that can be searched is searched, and only then it is spoken of', async (t) => {
  const { server, url } = await cluster(t);
  const scene = await collectors(t, { destinations: [opensearch(url)] }, { destinations: ['cluster'] });
  await runAgent(t, scene);

  const seen = await scene.guardrelay('test', '--region', REGION, '--strict', '-o', 'table');
  const unasked = await scene.guardrelay('test', '--region', REGION, '--no-verify', '-o', 'table');
  const direct = await scene.guardrelay('test', '--via', 'agent', '-o', 'table');

  t.equal(seen.code, 0, seen.stderr);
  t.equal(linesIn(seen.stdout).at(-2), ` ✔ found in cluster (${STREAM})`);
  t.match(linesIn(seen.stdout).at(-1), /^Test record seen in SIEM in \d+ s\.$/);
  t.equal(unasked.code, 0, unasked.stderr);
  t.equal(linesIn(unasked.stdout).at(-2), ' ✔ acknowledged by cluster');
  t.match(linesIn(unasked.stdout).at(-1), /^Test record acknowledged in \d+ s\.$/);
  t.match(linesIn(direct.stdout), [
    `cluster · test id ${idIn(direct.stdout)}`,
    ' ✔ acknowledged by cluster',
    ` ✔ found in cluster (${STREAM})`,
    /^Test record seen in SIEM in \d+ s\.$/,
  ]);
  t.same(
    server.documents.map(({ id }) => id),
    [seen, unasked, direct].map(({ stdout }) => idIn(stdout)),
  );
});

t.test('Splunk is searched where a search head is named, by the index that records go to', async (t) => {
  const hec = await startHecServer(t);
  const head = await startSplunkSearch(t, { token: 'looks', events: hec.events });
  const splunk = (token: string): object => ({
    ...{ id: 'splunk', type: 'splunk-hec', url: hec.url, token: 'env:HEC', index: 'main' },
    ...{ insecureTransport: true, batch: { maxWaitMs: 20 }, search: { url: head.url, token } },
  });
  const env = { HEC: hec.token.value, LOOKS: 'looks', WRONG: 'peeks' };
  const ask = async (token: string) => {
    const scene = await setScene(t, { destinations: [splunk(token)] }, { destinations: ['splunk'] });
    return runCli(['test', '--via', 'agent', '-o', 'table'], {
      cwd: scene.cwd,
      env: { ...scene.env, ...env },
    });
  };

  const seen = await ask('env:LOOKS');
  const refused = await ask('env:WRONG');

  t.equal(seen.code, 0, seen.stderr);
  t.equal(linesIn(seen.stdout).at(-2), ' ✔ found in splunk (index=main)');
  t.match(refused.stdout, /not verified in the SIEM: DST-004: .* answered 401/);
  t.notMatch(refused.stdout, 'peeks');
});

t.test('a SIEM that lets nobody look is said to be unverified, with what it answered', async (t) => {
  const body = JSON.stringify({ error: { reason: 'no permissions for [indices:data/read/search]' } });
  const { url } = await cluster(t, { status: 403, headers: { 'content-type': 'application/json' }, body });
  const scene = await setScene(t, { destinations: [opensearch(url)] }, { destinations: ['cluster'] });

  const ran = await scene.guardrelay('test', '--via', 'agent', '-o', 'table');

  t.equal(ran.code, 0, ran.stderr);
  t.match(ran.stdout, /\? not verified in the SIEM: DST-004: 127\.0\.0\.1:\d+ answered 403/);
  t.notMatch(ran.stdout, 'seen in SIEM');
});

t.test('without an agent nothing is sent, and it is said what to do', async (t) => {
  const scene = await collectors(t);

  const never = await scene.guardrelay('test');
  await scene.guardrelay('run', '--once');
  const stopped = await scene.guardrelay('test');

  t.equal(never.code, 3);
  t.match(never.stderr, /AGT-002.*guardrelay run/s);
  t.equal(stopped.code, 4);
  t.match(stopped.stderr, /SRC-002 {2}No agent reads acme.*nothing was sent.*guardrelay run/s);
  t.same(recordsOf(scene.siem), []);
});

t.test('what does not come through ends with the step that was reached, and the next command', async (t) => {
  const scene = await collectors(t);
  const { aws, siem, guardrelay } = scene;
  await runAgent(t, scene);

  siem.answer = () => ({ status: 503 });
  const untaken = await guardrelay('test', '--region', REGION, '--timeout', '4s', '-o', 'table');
  putRules(aws, placeOf(REGION), 'DISABLED', 'guardrelay-findings');
  const both = await guardrelay('test', '--region', '*', '--timeout', '4s', '-o', 'plain');
  addReader(aws, scene.env.EXTERNAL_ID ?? '');
  const denied = await guardrelay('test', '--region', REGION, '-o', 'table');

  t.equal(untaken.code, 6, untaken.stderr);
  t.same(linesIn(untaken.stdout).slice(-3), [
    ' ✖ not acknowledged by siem within 4 s; last reached: it stands in the log group',
    '   next  guardrelay doctor --customer acme',
    '1 test record of 1 did not come through.',
  ]);
  t.equal(both.code, 6, both.stderr);
  t.match(
    both.stdout,
    /us-east-1\t\S+\tlate\t\d+\tnot in the log group within \d s; last reached: it was sent/,
  );
  t.match(both.stdout, /eu-west-1\t\S+\tlate\t\d+\tnot acknowledged by siem/);
  t.equal(denied.code, 5, denied.stderr);
  t.match(
    denied.stdout,
    / ✖ AUTH-006 .*PutEvents.*fix {3}Let the reader role put canaries \(AllowCanary=true\)/s,
  );
});

t.test(
  'a sample finding is made by the credentials of the deployer, and told from earlier ones',
  async (t) => {
    const receiver = await startWebhookReceiver(t);
    const siem = { id: 'siem', type: 'webhook', url: receiver.url, format: 'json', insecureTransport: true };
    const filter = { kinds: ['finding'] };
    const scene = await collectors(t, { destinations: [{ ...siem, filter, batch: { maxWaitMs: 20 } }] });
    const { aws, cwd } = scene;
    const { accessKeyId, secretAccessKey } = aws.world.principals.addUser(ADMIN, 'deployer');
    const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
    await writeFile(join(cwd, 'credentials'), `[deployer]\n${keys}`);
    const env = { ...scene.env, AWS_SHARED_CREDENTIALS_FILE: join(cwd, 'credentials') };
    const test = (...args: readonly string[]) =>
      runCli(['test', '--region', REGION, '-o', 'table', ...args], { cwd, env });
    await runAgent(t, scene);

    const first = await test('--via', 'guardduty', '--profile', 'deployer');
    const again = await test('--via', 'guardduty', '--profile', 'deployer');
    const stranger = await test('--via', 'guardduty');
    const unwanted = await test('--strict');

    for (const { code, stdout, stderr } of [first, again]) {
      t.equal(code, 0, stderr);
      t.match(linesIn(stdout), [
        `acme ${ADMIN} ${REGION} · sample finding Recon:EC2/Portscan`,
        ' ✔ created in GuardDuty',
        ' ✔ in log group',
        ' ✔ acknowledged by siem',
        /^ \? not verified in the SIEM: no search access configured\. Look for: [0-9a-f]{32}$/,
        /^Finding acknowledged in \d+ s\.$/,
      ]);
    }
    t.match(recordsOf(receiver), [{ type: 'Recon:EC2/Portscan' }, { type: 'Recon:EC2/Portscan' }]);
    t.equal(recordsOf(receiver).length, 2, 'one finding for each test');
    t.equal(stranger.code, 5, stranger.stderr);
    t.match(stranger.stdout, ' ✖ AUTH-001  these credentials belong to account 999999999999');
    t.equal(unwanted.code, 3, unwanted.stderr);
    t.match(linesIn(unwanted.stdout).slice(-2), [
      ' · the filter of siem leaves it out',
      'No destination wants it, so nothing is proved beyond the log group.',
    ]);
  },
);

t.test(
  'a destination that refuses the credentials fails the test, and so does a wrong command line',
  async (t) => {
    const scene = await setScene(t);
    scene.siem.answer = () => ({ status: 401 });

    const refused = await scene.guardrelay('test', '--via', 'agent', '-o', 'table');
    const wrong = await scene.guardrelay('test', '--dest', 'seim');
    const nowhere = await scene.guardrelay('test', '--account', '222222222222');

    t.equal(refused.code, 5, refused.stderr);
    t.match(refused.stdout, / ✖ DST-004 .* answered 401/);
    t.match(refused.stdout, '   docs  docs/errors/DST-004.md');
    t.equal(wrong.code, 2);
    t.match(wrong.stderr, 'did you mean siem');
    t.equal(nowhere.code, 2);
  },
);

t.test('a test that is stopped says how to look for what it has sent', async (t) => {
  const scene = await collectors(t);
  scene.siem.answer = () => ({ status: 503 });
  await runAgent(t, scene);
  const child = await startCli(['test', '--region', REGION, '-o', 'table'], scene);
  t.teardown(() => child.end('SIGKILL'));
  await until('it stands in the log group', () => child.stdout().includes('in log group'));

  const { code } = await child.end('SIGINT');

  t.equal(code, 130, child.stderr());
  const id = idIn(child.stdout());
  t.match(child.stdout(), `Stopped. What was sent may come through all the same: guardrelay search ${id}`);
  t.notMatch(child.stdout(), '✖');
});
