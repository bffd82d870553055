import { once } from 'node:events';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parse, stringify } from 'yaml';
import { drawToken, hashToken } from '../../agent/console/auth/secret-hash.ts';
import type { Child } from '../peers/support/child.ts';
import { until } from '../peers/support/until.ts';
import { ADMIN, insert, linesOf, REGIONS, type Scene, setScene } from '../support/agent-cli.ts';
import { listeningUrl, startCli } from '../support/cli.ts';
import { furnish } from '../support/stack-contents.ts';

const LOOPBACK = '127.0.0.1:0';
const [REGION = ''] = REGIONS;
const OTHER = {
  id: 'globex',
  auth: { type: 'default' },
  accounts: { collect: ['222222222222'] },
  regions: ['eu-west-1'],
  destinations: ['siem'],
};

interface Files extends Scene {
  /** Writes the file of a customer as an editor does, or deletes it. */
  save(name: string, text: string | undefined): Promise<void>;
  /** The file of the customer whose findings are read. */
  readonly acme: string;
}

/** The customer of the scene in a file of its own. */
async function setFiles(t: Test): Promise<Files> {
  const scene = await setScene(t, { customersDir: 'customers' });
  for (const region of REGIONS) furnish(scene.aws, { account: ADMIN, region, partition: 'aws' });
  const file = join(scene.cwd, 'guardrelay.yaml');
  const folder = join(scene.cwd, 'customers');
  await mkdir(folder);
  const { customers, ...rest } = parse(await readFile(file, 'utf8'));
  await writeFile(file, stringify(rest));
  const acme = stringify(customers[0]);
  const save = async (name: string, text: string | undefined): Promise<void> => {
    const path = join(folder, name);
    if (text === undefined) return rm(path);
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  };
  await save('acme.yaml', acme);
  return { ...scene, save, acme };
}

async function startAgent(t: Test, { cwd, env }: Files): Promise<Child> {
  const agent = await startCli(['run'], { cwd, env });
  t.teardown(() => agent.end('SIGKILL'));
  await until('the agent works', () => agent.stderr().includes('agent started'));
  return agent;
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('it listens on no port');
  return address.port;
}

/** As a browser does; answers with the cookie. */
async function logIn(url: string, secret: string): Promise<string> {
  const body = new URLSearchParams({ secret });
  const answer = await fetch(`${url}/login`, { method: 'POST', body, redirect: 'manual' });
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

/** Hangs up, and waits until the log has what it then says so often. */
async function hangUp(agent: Child, said: string, times = 1): Promise<void> {
  agent.signal('SIGHUP');
  await until(said, () => agent.stderr().split(said).length > times);
}

t.test(
  'a customer whose file comes, changes, breaks and goes is read accordingly, and no process ends',
  async (t) => {
    const files = await setFiles(t);
    const agent = await startAgent(t, files);
    const arrived = (): number => linesOf(files.siem).filter((line) => line.includes('finding/f-')).length;

    await files.save('globex.yaml', stringify(OTHER));
    await hangUp(agent, 'agent started', 2);
    insert(files.aws, REGION, 3);
    await until('acme is read after the reload', () => arrived() === 3);
    await files.save('globex.yaml', 'id: [');
    await files.save('acme.yaml', files.acme.replace('destinations:', 'destination:'));
    await hangUp(agent, 'acme.yaml works on with what stood there before');
    insert(files.aws, REGION, 3, 3);
    await until('acme is read though its file is broken', () => arrived() === 6);
    await files.save('acme.yaml', files.acme);
    await files.save('globex.yaml', undefined);
    await hangUp(agent, 'the configuration is valid again');
    await hangUp(agent, 'agent started', 3);
    const { code } = await agent.end('SIGTERM');

    t.equal(code, 0);
    t.match(agent.stderr(), /globex.yaml works on with what stood there before/);
    t.equal(new Set(linesOf(files.siem)).size, linesOf(files.siem).length, 'nothing is sent twice');
  },
);

t.test('a broken file at the start leaves out its customer, and every other command names it', async (t) => {
  const files = await setFiles(t);
  await files.save('globex.yaml', stringify({ ...OTHER, regions: ['us-east1'] }));
  const agent = await startAgent(t, files);

  insert(files.aws, REGION, 1);
  await until('acme is read', () => linesOf(files.siem).some((line) => line.includes('finding/f-0')));
  const validated = await files.guardrelay('validate');

  t.match(agent.stderr(), /globex.yaml is left out/);
  t.equal(validated.code, 2);
  t.match(validated.stderr, /customers\/globex.yaml:\d+:\d+ regions/);
});

t.test('who has logged in stays so while the configuration changes', async (t) => {
  const files = await setFiles(t);
  const token = drawToken();
  const hash = join(files.cwd, 'soc.hash');
  await writeFile(hash, hashToken(token), { mode: 0o600 });
  const file = join(files.cwd, 'guardrelay.yaml');
  const auth = { type: 'token', users: [{ name: 'soc', tokenHash: `file:${hash}` }] };
  await writeFile(
    file,
    stringify({ ...parse(await readFile(file, 'utf8')), http: { listen: LOOPBACK, auth } }),
  );
  const agent = await startAgent(t, files);

  const cookie = await logIn(listeningUrl(agent), token);
  await files.save('globex.yaml', stringify(OTHER));
  await hangUp(agent, 'agent started', 2);
  const me = await fetch(`${listeningUrl(agent)}/api/v1/me`, { headers: { cookie } });

  t.equal(me.status, 200);
  t.match(await me.json(), { data: { name: 'soc' } });
});

t.test('a listener that cannot be opened after a change ends no relay', async (t) => {
  const files = await setFiles(t);
  const agent = await startAgent(t, files);
  const taken = createServer().listen(0, '127.0.0.1');
  t.teardown(() => taken.close());
  await once(taken, 'listening');
  const file = join(files.cwd, 'guardrelay.yaml');
  const config = await readFile(file, 'utf8');

  await writeFile(file, config.replace(LOOPBACK, `127.0.0.1:${portOf(taken)}`));
  await hangUp(agent, 'agent started', 2);
  insert(files.aws, REGION, 1);
  await until('acme is read', () => linesOf(files.siem).some((line) => line.includes('finding/f-0')));
  await writeFile(file, config);
  await hangUp(agent, 'listening', 2);
  const { code } = await agent.end('SIGTERM');

  t.equal(code, 0);
  t.match(agent.stderr(), /AGT-005/);
});
