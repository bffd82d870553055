import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { z } from 'zod';

import { parseConfig } from '../../agent/config/parse.ts';
import { startLocalAws } from '../../agent/localaws/server.ts';
import { systemClock } from '../../agent/model/clock.ts';
import type { Ran } from '../peers/support/child.ts';
import { until } from '../peers/support/until.ts';
import { ADMIN, addReader, finding, GROUP, placeOf, REGIONS } from '../support/agent-cli.ts';
import { runCli, startCli } from '../support/cli.ts';
import { type EchoingServer, type EchoMode, startEchoingServer } from '../support/echoing-server.ts';
import { formsOf, leaksIn, type Output } from '../support/leaks.ts';
import { written } from '../support/live-agent.ts';
import { sendNotices } from '../support/send-notices.ts';
import {
  API_TOKEN,
  type PlantedSecret,
  secretPlaces,
  type TaintedConfig,
  taintedConfig,
} from '../support/tainted-config.ts';
import { readTar } from '../support/tar-reader.ts';

const EXTERNAL_ID = 'taint-external-id+of/acme=1';
const TOKEN = 'taint-access-token/that+is"given';
/** What others have put into the environment, and what an event says. */
const AROUND: ReadonlyMap<string, string> = new Map([
  ['taint-of-another-program', 'OTHER_TOKEN'],
  ['taint-proxy:pass+word/', 'HTTP_PROXY'],
  [EXTERNAL_ID, 'EXTERNAL_ID'],
  [TOKEN, 'an access token'],
  [API_TOKEN, 'GUARDRELAY_API_TOKEN'],
  ['taint-in-an-event', 'a log event'],
  ['taint-key-of-a-publisher/1', 'the key of a publisher'],
  ['taint-session+of/a-publisher', 'the session of a publisher'],
  ['taint-in-the-query-of-a-url', 'the query of a URL'],
]);
const MODES: readonly EchoMode[] = [401, 400, 302, 500, 407, 'garbage', 'cut'];
/** They sign or make others; these vendors have paths of their own; mail does not go to a web server; no record gets as far as a search. */
const NEVER_SENT =
  /^http|signing|serviceAccount|externalId|accessKeyId|secretAccessKey|<(servicenow|pagerduty)>\.url|<smtp>|search\.token/;

/** Everything that runs in this test, and what it showed. */
interface Stage {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly outputs: Output[];
  /** Of a configuration file; its outputs are kept. */
  guardrelay(file: string, ...args: readonly string[]): Promise<Ran>;
}

t.test('every place of a secret in the schema is planted, and the configuration is valid', async (t) => {
  const { lists, planted } = taintedConfig({ url: 'http://127.0.0.1:1', folder: '/run' });

  const parsed = parseConfig(JSON.stringify(configurationOf(lists, '/run')), {});

  t.same(parsed.kind === 'mistaken' ? parsed.mistakes : [], []);
  t.equal(new Set(planted.map(({ place }) => place)).size, secretPlaces().length);
  t.ok(planted.length >= 40);
});

t.test('a leak is found in every form, so that finding none means something', (t) => {
  for (const [form, text] of Object.entries(formsOf('taint"/+x'))) {
    t.not(leaksIn([{ where: 'here', text: `<${text}>` }], new Map([['taint"/+x', 'it']])).length, 0, form);
  }
  t.end();
});

t.test('no secret is shown by any command, log, answer or file, whatever goes wrong', async (t) => {
  const cwd = t.testdir({});
  const secrets = new Map(AROUND);
  const seen = new Set<string>();
  const open = (mode: EchoMode): Promise<EchoingServer> =>
    startEchoingServer(t, { mode, secrets, shown: (name) => seen.add(name), token: tokenOf(mode) });
  const far = await Promise.all(MODES.map(open));
  const [refusing = ''] = far.map(({ url }) => url);
  const { lists, planted } = taintedConfig({ url: refusing, folder: cwd });
  for (const { place, taints } of planted) for (const taint of taints) secrets.set(taint, place);
  const stage = await setStage(t, { cwd, planted, proxy: far[MODES.indexOf(407)], secrets });
  const files = await writeConfigs(lists, { cwd, refusing, far });

  const agent = useAgent(t, stage, 'agent.yaml');
  for (const file of files) {
    const { code, stderr } = await stage.guardrelay(file, 'destinations', 'test', '--timeout', '5', '-vv');
    t.equal(code, 4, stderr);
  }
  await Promise.all([agent, useOffline(stage), useChannels(lists, { stage, refusing, far })]);

  // The far side may repeat it, but nobody else: it is no credential by its name.
  const configured = new Map([...secrets, ['taint-in-a-header', 'the value of a header']]);
  t.same(leaksIn(stage.outputs, configured), []);
  const unseen = planted.filter(({ place }) => !NEVER_SENT.test(place) && !seen.has(place));
  t.same(
    unseen.map(({ place }) => place),
    [],
    'the far side was shown every credential',
  );
  t.ok(
    stage.outputs.some(({ text }) => text.includes('***')),
    'something had to be cut',
  );
});

function tokenOf(mode: EchoMode): string | undefined {
  return mode === 401 ? undefined : TOKEN;
}

function configurationOf(lists: TaintedConfig['lists'], folder: string) {
  const { customers = [], destinations = [], http: [http] = [], ...others } = lists;
  const syslog = { type: 'syslog', host: '127.0.0.1', port: 9, insecureTransport: true };
  const all = [
    ...destinations,
    { ...syslog, id: 'syslog' },
    { ...syslog, id: 'relp', type: 'relp' },
    proxied(),
  ];
  const account = (at: number): string => (at === 0 ? ADMIN : `${at + 1}`.repeat(12));
  return {
    version: 1,
    agent: { id: 'relay-1', dataDir: join(folder, 'state'), leaseSeconds: 2, logLevel: 'debug' },
    defaults: { poll: { baseSeconds: 1, activeSeconds: 1 } },
    customers: [welcome(), ...customers].map((customer, at) => ({
      ...customer,
      accounts: { collect: [account(at)] },
      regions: REGIONS,
      destinations: all.map(({ id }) => id),
    })),
    destinations: all,
    ...others,
    http: { ...http, listen: '127.0.0.1:0' },
  };
}

/** The only customer who is let in. */
function welcome() {
  const roleArn = `arn:aws:iam::${ADMIN}:role/GuardRelayReader`;
  return { id: 'acme', auth: { type: 'assumeRole', roleArn, externalId: 'env:EXTERNAL_ID' } };
}

/** Goes through the proxy of the environment, with a header and a query that nobody should see. */
function proxied() {
  const url = 'http://siem.test/in?key=taint-in-the-query-of-a-url';
  return {
    id: 'proxied',
    type: 'webhook',
    url,
    insecureTransport: true,
    headers: { 'x-api-key': 'env:OTHER_TOKEN', 'x-tenant': 'taint-in-a-header' },
  };
}

interface Staging {
  readonly cwd: string;
  readonly planted: readonly PlantedSecret[];
  readonly proxy: EchoingServer | undefined;
  readonly secrets: Map<string, string>;
}

async function setStage(t: Test, { cwd, planted, proxy, secrets }: Staging): Promise<Stage> {
  const aws = await startLocalAws({ clock: systemClock });
  t.teardown(() => aws.close());
  aws.world.accounts.add({ id: ADMIN });
  const keys = aws.world.principals.addUser(ADMIN, 'relay');
  addReader(aws, EXTERNAL_ID);
  trustOwn(aws, keys.secretAccessKey, secrets);
  const hostile = `{"detail-type":"GuardDuty Finding\\u001b[2J","account":"taint-in-an-event","source":"aws.guardduty"`;
  const messages = [finding(1), hostile, `Authorization: Bearer taint-in-an-event`];
  for (const region of REGIONS) {
    aws.logs.insert(
      placeOf(region),
      GROUP,
      messages.map((message) => ({ timestamp: Date.now(), message })),
    );
  }
  const outputs: Output[] = [];
  const env = {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_ENDPOINT_URL: aws.url,
    EXTERNAL_ID,
    GUARDRELAY_API_TOKEN: API_TOKEN,
    OTHER_TOKEN: 'taint-of-another-program',
    HTTP_PROXY: `http://user:${encodeURIComponent('taint-proxy:pass+word/')}@127.0.0.1:${proxy?.port}`,
    ...Object.fromEntries(await Promise.all(planted.map(variableOf))),
  };
  return {
    ...{ cwd, env, outputs },
    async guardrelay(file, ...args) {
      const ran = await runCli([...args, '-c', file], { cwd, env });
      outputs.push({ where: `${args.join(' ')} (${file})`, text: ran.stdout + ran.stderr });
      return ran;
    },
  };
}

/** The agent's own keys and sessions are secrets, too. */
function trustOwn(
  { world }: Awaited<ReturnType<typeof startLocalAws>>,
  key: string,
  secrets: Map<string, string>,
): void {
  secrets.set(key, 'AWS_SECRET_ACCESS_KEY');
  const role = world.principals.role(ADMIN, 'GuardRelayReader');
  if (role) world.principals.putRole({ ...role, trust: ANY_OF_ACCOUNT });
  const { assume } = world.principals;
  world.principals.assume = (...asked) => {
    const session = assume.apply(world.principals, asked);
    secrets.set(session.sessionToken, 'a session token');
    secrets.set(session.secretAccessKey, 'the key of a session');
    return session;
  };
}

const ANY_OF_ACCOUNT = {
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ADMIN}:user/relay` },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } },
    },
  ],
};

async function variableOf({ reference, value }: PlantedSecret): Promise<readonly [string, string]> {
  const [, kind, name = ''] = /^(env|file):(.*)$/.exec(reference) ?? [];
  if (kind === 'env') return [name, value];
  await writeFile(name, value, { mode: 0o600 });
  return ['UNUSED', ''];
}

interface FarSides {
  readonly cwd: string;
  readonly refusing: string;
  readonly far: readonly EchoingServer[];
}

/** Neighbours, which are of the same kind, fail in different ways, and each in two. */
const ROUNDS = 2;
const STEP = 5;

/** One in which all refuse, for the agent, and some in which each destination fails in another way. */
async function writeConfigs(lists: TaintedConfig['lists'], sides: FarSides): Promise<readonly string[]> {
  const { cwd, refusing, far } = sides;
  const config = configurationOf(lists, cwd);
  const ways = [...far.map(({ url }) => url), refusing.replace('http:', 'https:'), 'http://127.0.0.1:9'];
  const failing = (round: number): object => ({
    ...config,
    http: { ...lists.http?.[round + 1], listen: '127.0.0.1:0' },
    destinations: config.destinations.map((each, at) => {
      const way = ways[(at + round * STEP) % ways.length] ?? '';
      return JSON.parse(JSON.stringify(each).replaceAll(refusing, way));
    }),
  });
  await writeFile(join(cwd, 'agent.yaml'), JSON.stringify(config));
  const rounds = Array.from({ length: ROUNDS }, async (_, round) => {
    await writeFile(join(cwd, `round-${round}.yaml`), JSON.stringify(failing(round)));
    return `round-${round}.yaml`;
  });
  return await Promise.all(rounds);
}

const document = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });
/** They show records to those who may see them. */
const OF_RECORDS = ['/search', '/changes', '/events', '/tap'];

async function useAgent(t: Test, stage: Stage, file: string): Promise<void> {
  const { cwd, env, outputs } = stage;
  const child = await startCli(['run', '-vv', '-c', file], { cwd, env });
  t.teardown(() => child.end('SIGKILL'));
  const url = await written(child, /http:\/\/127\.0\.0\.1:\d+(?="})/);
  const headers = { authorization: `Bearer ${API_TOKEN}` };
  const get = async (path: string): Promise<string> => {
    const text = await (await fetch(url + path, { headers })).text();
    outputs.push({ where: `GET ${path}`, text });
    return text;
  };
  const status = async (): Promise<string> => (await fetch(`${url}/api/v1/status`, { headers })).text();
  await until('the refusals are known', async () => (await status()).includes('blocked'));
  const { paths } = document.parse(JSON.parse(await get('/api/v1/openapi.json')));
  const plain = Object.keys(paths).filter((path) => !path.includes('{') && !OF_RECORDS.includes(path));
  for (const path of [...plain.map((path) => `/api/v1${path}`), '/', '/healthz?verbose']) await get(path);
  const config = JSON.parse(await readFile(join(cwd, file), 'utf8'));
  await writeFile(
    join(cwd, 'beside.yaml'),
    JSON.stringify({ ...config, http: { ...config.http, listen: new URL(url).host } }),
  );
  await useBeside(stage);
  await child.end('SIGTERM');
  outputs.push({ where: 'log', text: child.stdout() + child.stderr() });
}

async function useBeside(stage: Stage): Promise<void> {
  const { cwd, outputs, guardrelay } = stage;
  await guardrelay('beside.yaml', 'status', '--json');
  await guardrelay('beside.yaml', 'support-bundle', '--yes', '--out', 'b.tgz');
  await guardrelay('beside.yaml', 'tap', 'nothing', '-vv');
  for (const { name, content } of readTar(gunzipSync(await readFile(join(cwd, 'b.tgz'))))) {
    outputs.push({ where: name, text: content.toString() });
  }
}

interface Noticing extends Pick<FarSides, 'refusing' | 'far'> {
  readonly stage: Stage;
}

const IDENTITY = {
  accessKeyId: 'AKIAEXAMPLE',
  secretAccessKey: 'taint-key-of-a-publisher/1',
  sessionToken: 'taint-session+of/a-publisher',
};

/** Every channel, once for each way in which its far side can fail. */
async function useChannels(lists: TaintedConfig['lists'], { stage, refusing, far }: Noticing): Promise<void> {
  const config = JSON.stringify(configurationOf(lists, stage.cwd));
  for (const { url } of far) {
    const parsed = parseConfig(config.replaceAll(refusing, url), {});
    if (parsed.kind === 'mistaken') throw new Error(JSON.stringify(parsed.mistakes));
    const outcomes = await sendNotices({ config: parsed.config, env: stage.env, identity: IDENTITY });
    for (const [id, outcome] of outcomes) {
      stage.outputs.push({ where: `notice by ${id}`, text: JSON.stringify(outcome) });
    }
  }
}

/** What needs no agent. */
async function useOffline({ cwd, guardrelay }: Stage): Promise<void> {
  const config = JSON.parse(await readFile(join(cwd, 'agent.yaml'), 'utf8'));
  const literal = [{ ...welcome(), auth: { ...welcome().auth, externalId: EXTERNAL_ID } }];
  await writeFile(join(cwd, 'literal.yaml'), JSON.stringify({ ...config, customers: literal }));
  await guardrelay('agent.yaml', 'validate', '--show-resolved');
  await guardrelay('agent.yaml', 'validate', '--show-resolved', '--json');
  await guardrelay('literal.yaml', 'validate', '-vv');
  await guardrelay('agent.yaml', 'doctor', '--json', '-vv');
  await guardrelay('agent.yaml', 'test', '--via', 'agent', '--timeout', '5s', '-vv');
  await guardrelay('agent.yaml', 'plan', '-vv');
}
