import { writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';

import { createConnectionTrace } from '../../agent/commands/destinations/connection-trace.ts';
import { approachSteps } from '../../agent/commands/destinations/steps.ts';
import { type TrialOptions, tryDestination } from '../../agent/commands/destinations/try-destination.ts';
import type { Outcome } from '../../agent/model/outcome.ts';
import { webhookOptions } from '../../agent/ship/sinks/webhook.ts';
import type { Ran } from '../peers/support/child.ts';
import { runCli } from '../support/cli.ts';
import { startForwardProxy } from '../support/forward-proxy.ts';
import { createScriptedSink } from '../support/scripted-sink.ts';
import { startSyslogReceiver } from '../support/syslog-receiver.ts';
import { createAuthority } from '../support/tls-certificates.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

const authority = await createAuthority('CN=Acme CA');
/** Valid for one more day. */
const good = await authority.issue({ names: ['siem.example.com'], addresses: ['127.0.0.1'] });
const caFile = join(t.testdir({}), 'ca.pem');
writeFileSync(caFile, authority.cert);
const tls = { caFile };
const TOKEN = 'a-token-nobody-may-see';

interface Scene {
  destinations(...args: readonly string[]): Promise<Ran>;
}

async function setScene(t: Test, destinations: readonly object[], env: object = {}): Promise<Scene> {
  const cwd = t.testdir({});
  const customer = (id: string, account: string, to: readonly string[]) => ({
    ...{ id, topology: 'organization', auth: { type: 'default' } },
    ...{ accounts: { collect: [account] }, destinations: to },
  });
  const configuration = {
    version: 1,
    agent: { id: 'relay-1', dataDir: join(cwd, 'state') },
    customers: [
      customer('acme', '111111111111', ['first']),
      customer('globex', '222222222222', ['first', 'second']),
    ],
    destinations,
  };
  await writeFile(join(cwd, 'guardrelay.yaml'), JSON.stringify(configuration));
  return { destinations: (...args) => runCli(['destinations', ...args], { cwd, env: { TOKEN, ...env } }) };
}

function webhook(id: string, url: string, more: object = {}) {
  return { id, type: 'webhook', url, tls, format: 'json', insecureTransport: true, ...more };
}

function syslog(id: string, port: number, more: object = {}) {
  return { id, type: 'syslog', host: '127.0.0.1', port, tls, insecureTransport: true, ...more };
}

/** `step result` of each row of a destination. */
function stepsIn(ran: Ran, destination: string): readonly string[] {
  const lines = ran.stdout.split('\n').map((line) => line.split('\t'));
  return lines.filter(([id]) => id === destination).map(([, step, result]) => `${step} ${result}`);
}

t.test('test goes the whole way of a record, which the destination gets in its format', async (t) => {
  const lake = await startWebhookReceiver(t, good);
  const archive = await startSyslogReceiver(t, { tls: good });
  const clear = await startSyslogReceiver(t);
  const scene = await setScene(t, [
    webhook('first', lake.url, { auth: { bearer: 'env:TOKEN' } }),
    syslog('second', archive.port),
    syslog('third', clear.port, { transport: 'tcp', confirm: 'stream', settleMs: 0 }),
  ]);

  const ran = await scene.destinations('test');

  t.equal(ran.code, 0, ran.stderr);
  t.same(stepsIn(ran, 'first'), ['TCP passed', 'TLS warned', 'access passed', 'record passed']);
  t.same(stepsIn(ran, 'second'), ['TCP passed', 'TLS warned', 'access passed', 'record passed']);
  t.same(stepsIn(ran, 'third'), ['TCP passed', 'access passed', 'record passed', 'close passed']);
  t.match(ran.stdout, /second\tTLS\twarned\t-\t\d+\tTLSv1\.3, .*issued by Acme CA, 0 days left\tRenew/);
  t.match(ran.stdout, /second\trecord\tpassed\t-\t\d+\tacknowledged with grade peer-read, final when/);
  t.match(ran.stdout, /third\tclose\tpassed\t-\t\d+\tthe receiver answers .* confirm: close would work/);
  t.match(JSON.parse(lake.requests.at(-1)?.text ?? ''), {
    kind: 'notice',
    type: 'destination.test',
    notice: { details: { test: true, agent: 'relay-1' }, destination: 'first' },
  });
  for (const { messages } of [archive, clear]) t.match(messages, [/"type":"destination\.test"/]);
  t.match(ran.stderr, /^3 destinations in \d+\.\d s: 3 sound, 0 failed\.$/m);
  t.notMatch(ran.stdout + ran.stderr, TOKEN);
});

t.test('each failure stands at its step with code and fix, and what follows is not tried', async (t) => {
  const lake = await startWebhookReceiver(t, good);
  lake.answer = ({ headers }) => ({ status: 401, body: `not with ${headers.authorization}` });
  const wrong = await authority.issue({ names: ['other.example'] });
  const misnamed = await startSyslogReceiver(t, { tls: wrong });
  const mute = await startSyslogReceiver(t);
  mute.manner = 'turn-away';
  const scene = await setScene(t, [
    webhook('first', lake.url, { auth: { bearer: 'env:TOKEN' } }),
    syslog('second', misnamed.port),
    syslog('gone', 1),
    { ...syslog('nameless', 6514), host: 'siem.invalid' },
    webhook('secretless', lake.url, { auth: { bearer: 'env:NOT_THERE' } }),
    syslog('unread', misnamed.port, { tls: { caFile: '/does/not/exist' } }),
    syslog('turned-away', mute.port, { transport: 'tcp' }),
    { ...syslog('datagrams', 514), host: 'siem.invalid', transport: 'udp' },
  ]);

  const ran = await scene.destinations('test', '-o', 'plain');

  const rest = ['access skipped', 'record skipped'];
  t.equal(ran.code, 4, ran.stderr);
  t.same(stepsIn(ran, 'first'), ['TCP passed', 'TLS warned', 'access failed', 'record skipped']);
  t.same(stepsIn(ran, 'second'), ['TCP passed', 'TLS failed', ...rest]);
  t.same(stepsIn(ran, 'gone'), ['TCP failed', 'TLS skipped', ...rest]);
  t.same(stepsIn(ran, 'nameless'), ['DNS failed', 'TCP skipped', 'TLS skipped', ...rest]);
  t.same(stepsIn(ran, 'secretless'), ['TCP skipped', 'TLS skipped', 'access failed', 'record skipped']);
  t.same(stepsIn(ran, 'unread'), ['TCP skipped', 'TLS failed', ...rest]);
  t.same(stepsIn(ran, 'turned-away'), ['TCP passed', 'access failed', 'record skipped']);
  t.same(stepsIn(ran, 'datagrams'), ['DNS failed', ...rest]);
  t.match(ran.stdout, /first\taccess\tfailed\tDST-004\t-\t.*answered 401: not with \*\*\*\tPut valid/);
  t.match(ran.stdout, /gone\tTCP\tfailed\tDST-002\t-\t.*\(ECONNREFUSED\)\t.*nc -v 127\.0\.0\.1 1$/m);
  t.match(ran.stdout, /nameless\tDNS\tfailed\tDST-001\t-\t.*\t.*getent hosts siem\.invalid$/m);
  t.match(ran.stdout, /secretless\taccess\tfailed\tCFG-005\t-\t.*env:NOT_THERE/);
  t.match(ran.stderr, /0 sound, 8 failed/);
  t.notMatch(ran.stdout + ran.stderr, TOKEN);
});

t.test('46 the way through a proxy of the environment is told, without its password', async (t) => {
  const lake = await startWebhookReceiver(t, good);
  const proxy = await startForwardProxy(t);
  const url = `https://siem.example.com:${new URL(lake.url).port}/in`;
  const scene = await setScene(t, [webhook('first', url), webhook('second', url, { proxy: 'none' })], {
    HTTPS_PROXY: `http://relay:${TOKEN}@127.0.0.1:${proxy.port}`,
  });

  const ran = await scene.destinations('test', 'first', '--json');
  proxy.wants = 'another password';
  const refused = await scene.destinations('test', 'first');

  t.equal(ran.code, 0, ran.stderr);
  t.match(JSON.parse(ran.stdout), {
    schema: 'guardrelay.destinations-test/v1',
    summary: { destinations: 1, failed: 0 },
    data: [
      {
        step: 'TCP',
        result: 'passed',
        found: /^the proxy 127\.0\.0\.1:\d+ opened the way to siem\.example\.com/,
      },
      { step: 'TLS', result: 'warned' },
      { step: 'access', result: 'passed' },
      { step: 'record', result: 'passed' },
    ],
  });
  t.equal(refused.code, 4);
  t.match(refused.stdout, /first\taccess\tfailed\tDST-004\t-\tthe proxy 127\.0\.0\.1:\d+ answered 407/);
  t.notMatch(ran.stdout + ran.stderr + refused.stdout + refused.stderr, TOKEN);
});

t.test('test can leave the record out, and take some destinations only', async (t) => {
  const lake = await startWebhookReceiver(t, good);
  const scene = await setScene(t, [webhook('first', lake.url), syslog('second', 1)]);

  const [quiet, unknown, list] = await Promise.all([
    scene.destinations('test', 'first', '--no-record', '-o', 'table'),
    scene.destinations('test', 'frist'),
    scene.destinations('list', '-o', 'plain'),
  ]);

  t.equal(quiet.code, 0, quiet.stderr);
  t.match(quiet.stdout, /^✔ first · webhook over HTTPS to 127\.0\.0\.1:\d+$/m);
  t.match(quiet.stdout, /^ {2}⚠ TLS {4}TLSv1\.3, .*\d ms\n {11}fix {3}Renew the certificate/m);
  t.notMatch(quiet.stdout, /record/);
  t.ok(lake.requests.every(({ wire }) => wire.length === 0));
  t.equal(unknown.code, 2);
  t.match(unknown.stderr, /no destination "frist"; did you mean first\?/);
  t.match(
    list.stdout,
    /^first\twebhook\t127\.0\.0\.1:\d+\thttps\t-\tjson\taccepted\t1000 records, 1\.0 MB, 2 s\t2$/m,
  );
  t.match(list.stdout, /^second\tsyslog\t127\.0\.0\.1:1\ttls\t-\traw\tpeer-read\t.*\t1$/m);
});

const options = webhookOptions.parse({ id: 'd', type: 'webhook', url: 'https://siem.example.com/' });
const never = new AbortController().signal;

t.test('a destination that takes too long, or fails in its own code, is told like any other', async (t) => {
  const clock = createVirtualClock();
  const slow = createScriptedSink();
  const broken = createScriptedSink();
  broken.probe = () => Promise.reject(new Error('oops'));
  slow.probe = (signal) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve({ kind: 'retry', why: 'stopped' }));
    });
  const trial = (sink: typeof slow): TrialOptions => ({
    ...{ open: () => sink, clock, agentId: 'relay-1', sendsRecord: true, limitMs: 30_000, stop: never },
  });

  const trying = tryDestination(options, trial(slow));
  await clock.advance(30_000);
  const trials = [await trying, await tryDestination(options, trial(broken))];

  const said = trials.map(({ steps }) => steps.find(({ result }) => result.kind === 'failed'));
  t.match(said, [
    { step: 'access', result: { code: 'DST-005', found: 'it takes longer than 30 s' } },
    { step: 'access', result: { code: 'INT-001', found: /oops/ } },
  ]);
  t.same([slow.closes, broken.closes], [1, 1]);
});

const DAY_MS = 86_400_000;
const OK: Outcome = { kind: 'ok', grade: 'accepted' };
const PLACE = { name: 's:1', transport: 'tls' } as const;

function stepsWith(expiresAt: number, probed: Outcome) {
  const facts = { version: 'TLSv1.3', names: ['a', 'b', 'c', 'd', 'e'], issuer: 'CA', expiresAt };
  const secured = { kind: 'secured', to: 's:1', facts, tookMs: 1 } as const;
  return approachSteps({ place: PLACE, way: { secured }, probed, tookMs: 1, now: 0 });
}

for (const [days, kind] of [
  [30, 'passed'],
  [29, 'warned'],
] as const) {
  t.test(`a certificate with ${days} days left is ${kind}`, async (t) => {
    const steps = stepsWith(days * DAY_MS, OK);

    t.match(steps.find(({ step }) => step === 'TLS')?.result, {
      kind,
      found: `TLSv1.3, a, b, c and 2 more, issued by CA, ${days} days left`,
    });
  });
}

t.test('a client certificate that is refused after the handshake is no fault of the handshake', async (t) => {
  const refused: Outcome = { kind: 'blocked', why: 'tls', detail: 'DST-003: alert certificate required' };

  const steps = stepsWith(100 * DAY_MS, refused);

  t.match(steps.slice(1), [
    { step: 'TLS', result: { kind: 'passed' } },
    { step: 'access', result: { kind: 'failed', code: 'DST-003' } },
  ]);
});

t.test('of several connections the one to the destination is told, of none to it the first', async (t) => {
  const trace = createConnectionTrace(createVirtualClock());
  const token = { kind: 'connected', to: 'login.example.com:443', address: '192.0.2.1' } as const;
  const own = { kind: 'connected', to: 's:1', address: '192.0.2.2' } as const;
  const told = () => {
    const way = trace.wayTo(PLACE);
    const [step] = approachSteps({ place: PLACE, way, probed: OK, tookMs: 1, now: 0 });
    return step?.result;
  };

  trace.onConnectionStep({ kind: 'resolved', host: '192.0.2.1', addresses: ['192.0.2.1'] });
  trace.onConnectionStep(token);
  const before = told();
  trace.onConnectionStep(own);

  t.match(
    [before, told()],
    [{ found: 'connected to 192.0.2.1 (login.example.com:443)' }, { found: 'connected to 192.0.2.2' }],
  );
});
