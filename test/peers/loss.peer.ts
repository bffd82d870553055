import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';

import { seededRandom } from '../support/random.ts';
import { makeCertificates } from './support/certificates.ts';
import { CRASHES, type Crash, crashTrial, type Toll } from './support/crash-trial.ts';
import {
  type CrashingReceiver,
  crashingBehindHaproxy,
  crashingRsyslogd,
  crashingSyslogNg,
} from './support/crashing-receiver.ts';
import { chooseSeed } from './support/random.ts';

/** Each takes a few seconds; docs/guarantees.md has the result of 100. */
const TRIALS = Number(process.env.GUARDRELAY_PEERS_TRIALS ?? 2);
t.setTimeout(60_000 + TRIALS * 120_000);
/** A trial mostly waits. */
t.jobs = 4;

/** Numbers of the tests that must exist, by how the receiver fails. */
const NUMBER: Readonly<Record<Crash, number>> = {
  'kill -9': 12,
  SIGTERM: 13,
  'stop and kill': 14,
  'instant restart': 14,
};

const directory = await mkdtemp(join(tmpdir(), 'guardrelay-peers-'));
t.teardown(() => rm(directory, { recursive: true }));
const certificates = await makeCertificates(directory);
const receivers: Readonly<Record<string, () => Promise<CrashingReceiver>>> = {
  'rsyslogd by TCP with confirm: close': () => crashingRsyslogd('tcp', certificates),
  'syslog-ng by TCP with confirm: close': crashingSyslogNg,
  'rsyslogd by RELP': () => crashingRsyslogd('relp', certificates),
  'rsyslogd by TLS behind HAProxy': () => crashingBehindHaproxy('ossl', certificates),
  'rsyslogd by RELP behind HAProxy': () => crashingBehindHaproxy('relp', certificates),
};
const seed = chooseSeed();
t.comment(`GUARDRELAY_PEERS_SEED=${seed} GUARDRELAY_PEERS_TRIALS=${TRIALS}`);

let cases = 0;
for (const [name, start] of Object.entries(receivers)) {
  for (const crash of CRASHES) {
    const random = seededRandom(seed + cases);
    cases += 1;
    const number = name.endsWith('HAProxy') ? 15 : NUMBER[crash];
    const title = `${number} ${name}: ${crash} under load loses nothing that was reported final`;
    t.test(title, { buffered: true }, async (t) => {
      const tolls: Toll[] = [];
      for (let trial = 0; trial < TRIALS; trial += 1) {
        const receiver = await start();
        tolls.push(await crashTrial(receiver, crash, random).finally(() => receiver.close()));
      }

      const sum = (count: (toll: Toll) => number): number =>
        tolls.reduce((total, toll) => total + count(toll), 0);
      const most = Math.max(...tolls.map(({ repeated }) => repeated));
      const [shipped, repeated] = [sum((toll) => toll.shipped), sum((toll) => toll.repeated)];
      t.comment(`${TRIALS} trials, ${shipped} shipped, ${repeated} repeated, at most ${most} in a trial`);
      t.equal(
        sum(({ lost }) => lost),
        0,
        'lost',
      );
      t.equal(
        sum(({ repeatedAfterFinal }) => repeatedAfterFinal),
        0,
        'sent again though final',
      );
    });
  }
}
