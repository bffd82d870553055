import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { until } from '../peers/support/until.ts';
import {
  finding,
  GROUP,
  insert,
  linesOf,
  placeOf,
  REGIONS,
  type Scene,
  setScene,
} from '../support/agent-cli.ts';
import { startCli } from '../support/cli.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

const HOUR_MS = 3_600_000;

/** Beside the agent's passes: what the replay alone has sent. */
function forget({ siem }: Scene): void {
  siem.requests.length = 0;
}

function recordsOf(siem: Scene['siem']): readonly Record<string, unknown>[] {
  return linesOf(siem).map((line) => JSON.parse(line));
}

async function storeOf({ cwd }: Scene): Promise<string> {
  return (await readFile(join(cwd, 'state', 'state.db'))).toString('base64');
}

/** A destination like that of the scene, with something else. */
function webhook(url: string, options: object): object {
  return {
    ...{ id: 'siem', type: 'webhook', url, format: 'json', insecureTransport: true },
    batch: { maxWaitMs: 20 },
    ...options,
  };
}

t.test('a window is sent again, marked, and the next pass of the agent sends nothing', async (t) => {
  const scene = await setScene(t);
  for (const region of REGIONS) insert(scene.aws, region, 5);
  await scene.guardrelay('run', '--once');
  const before = recordsOf(scene.siem);
  const stored = await storeOf(scene);
  forget(scene);

  const again = await scene.guardrelay('replay', '--from', '1h', '--json');
  const replayed = recordsOf(scene.siem);
  const untouched = await storeOf(scene);
  forget(scene);
  const pass = await scene.guardrelay('run', '--once');

  t.equal(again.code, 0, again.stderr);
  t.match(again.stderr, '2 of 2 sources read to the end; delivered 10 to siem.');
  t.match(JSON.parse(again.stdout), {
    schema: 'guardrelay.replay/v1',
    data: REGIONS.map((region) => ({
      region,
      destination: 'siem',
      records: 5,
      delivered: 5,
      undelivered: 0,
    })),
  });
  t.same(
    replayed.map(({ key }) => key).toSorted(),
    before.map(({ key }) => key).toSorted(),
    'each keeps its key',
  );
  t.ok(replayed.every(({ replay }) => replay === true));
  t.ok(before.every((record) => !('replay' in record)));
  t.equal(untouched, stored, 'the store is the same, byte for byte');
  t.equal(pass.code, 0, pass.stderr);
  t.same(recordsOf(scene.siem), []);
});

t.test('only what lies between --from and --to is sent, without an agent ever having run', async (t) => {
  const scene = await setScene(t);
  const now = Date.now();
  const at = (hours: number, number: number) => ({
    timestamp: now - hours * HOUR_MS,
    message: finding(number),
  });
  scene.aws.logs.insert(placeOf('eu-west-1'), GROUP, [at(5, 5), at(3, 3), at(1, 1)]);
  scene.aws.logs.insert(placeOf('us-east-1'), GROUP, []);

  const { code, stderr } = await scene.guardrelay('replay', '--from', '4h', '--to', '2h');

  t.equal(code, 0, stderr);
  t.match(recordsOf(scene.siem), [{ id: 'f-3' }]);
  t.equal(recordsOf(scene.siem).length, 1);
});

t.test('--dest sends to that one alone, raw as it came; --dry-run to none', async (t) => {
  const lake = await startWebhookReceiver(t);
  const scene = await twoDestinations(t, lake.url);
  for (const region of REGIONS) insert(scene.aws, region, 2);

  const dry = await scene.guardrelay('replay', '--from', '1h', '--dry-run', '--json');
  const sentDry = [...linesOf(scene.siem), ...linesOf(lake)];
  const one = await scene.guardrelay('replay', '--from', '1h', '--dest', 'lake');

  t.equal(dry.code, 0, dry.stderr);
  t.match(dry.stderr, '4 would go to siem, 4 would go to lake.');
  t.same(sentDry, []);
  t.equal(one.code, 0, one.stderr);
  t.match(one.stderr, 'delivered 4 to lake.');
  t.same(linesOf(scene.siem), []);
  t.same(
    [...linesOf(lake)].toSorted(),
    [0, 0, 1, 1].map((number) => finding(number)),
    'byte for byte',
  );
});

async function twoDestinations(t: Test, lakeUrl: string): Promise<Scene> {
  const siem = await startWebhookReceiver(t);
  const scene = await setScene(t, {
    destinations: [webhook(siem.url, {}), webhook(lakeUrl, { id: 'lake', format: 'raw' })],
    customers: [
      {
        ...{ id: 'acme', topology: 'organization', regions: REGIONS, destinations: ['siem', 'lake'] },
        auth: {
          type: 'assumeRole',
          roleArn: 'arn:aws:iam::111111111111:role/GuardRelayReader',
          externalId: 'env:EXTERNAL_ID',
        },
        accounts: { collect: ['111111111111'] },
      },
    ],
  });
  return { ...scene, siem };
}

t.test('exit codes say what kept records from being replayed', async (t) => {
  const scene = await setScene(t);
  const { aws, siem, guardrelay } = scene;
  for (const region of REGIONS) insert(aws, region, 2);

  siem.answer = () => ({ status: 401 });
  const blocked = await guardrelay('replay', '--from', '1h');
  siem.answer = () => ({ status: 503 });
  const late = await guardrelay('replay', '--from', '1h', '--timeout', '2');
  siem.answer = () => ({ status: 200 });
  forget(scene);
  aws.world.faults.add({
    ...{ service: 'logs', region: 'eu-west-1' },
    effect: { kind: 'error', code: 'AccessDeniedException', message: 'explicit deny' },
  });
  const partly = await guardrelay('replay', '--from', '1h');

  t.equal(blocked.code, 4, blocked.stderr);
  t.equal(late.code, 6, late.stderr);
  t.equal(partly.code, 7, partly.stderr);
  t.match(partly.stdout, /eu-west-1.*AUTH-006/);
  t.equal(linesOf(siem).length, 2, 'the other region is replayed all the same');
});

t.test('an interrupted replay stops at once and says how far it came', async (t) => {
  const { aws, siem, cwd, env } = await setScene(t);
  for (const region of REGIONS) insert(aws, region, 50);
  const child = await startCli(['replay', '--from', '1h', '--rate', '1'], { cwd, env });
  t.teardown(() => child.end('SIGKILL'));
  await until('the first record is there', () => linesOf(siem).length > 0);

  const { code } = await child.end('SIGINT');

  t.equal(code, 130, child.stderr());
  t.match(child.stderr(), '0 of 2 sources read to the end');
  t.ok(linesOf(siem).length < 20, 'no faster than asked');
});

t.test('a window older than the retention is warned of', async (t) => {
  const { aws, guardrelay } = await setScene(t);
  for (const region of REGIONS) insert(aws, region, 1);
  aws.logs.groups(placeOf('eu-west-1')).retain(GROUP, 3);

  const { code, stderr } = await guardrelay('replay', '--from', '4d');

  t.equal(code, 0, stderr);
  t.match(stderr, /eu-west-1 keeps nothing from before .*older events cannot be replayed/);
  t.notMatch(stderr, /us-east-1 keeps/);
});

t.test('a command line that means nothing is refused before anything is read', async (t) => {
  const { guardrelay } = await setScene(t);
  const rows = [
    [['replay'], /from/],
    [['replay', '--from', '12'], /--from 12 is neither a span nor a time/],
    [['replay', '--from', '1h', '--to', '2h'], /--from is later than --to/],
    [['replay', '--from', '1h', '--rate', '0'], /--rate is not above 0/],
    [['replay', '--from', '1h', '--dest', 'seim'], /did you mean siem/],
  ] as const;

  const all = await Promise.all(rows.map(([args]) => guardrelay(...args)));

  for (const [at, { code, stderr }] of all.entries()) {
    t.equal(code, 2, stderr);
    t.match(stderr, rows[at]?.[1]);
  }
});
