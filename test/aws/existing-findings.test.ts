import {
  CreateDetectorCommand,
  CreateSampleFindingsCommand,
  GuardDutyClient,
} from '@aws-sdk/client-guardduty';
import t, { type Test } from 'tap';

import { createBucket } from '../../agent/aws/bucket.ts';
import { existingFindings } from '../../agent/aws/existing-findings.ts';
import { clientsOf, OWN_SCOPE } from '../support/aws-clients.ts';
import { HOME, startTestAws } from '../support/local-aws.ts';

const { signal } = new AbortController();

/** Reads the samples of a region where the first calls of ListFindings are throttled. */
async function readThrottled(t: Test, times: number) {
  const test = await startTestAws(t);
  const { aws, clock } = test;
  const customer = new GuardDutyClient(test.config());
  const { DetectorId } = await customer.send(new CreateDetectorCommand({ Enable: true }));
  await customer.send(new CreateSampleFindingsCommand({ DetectorId }));
  const effect = { kind: 'error', code: 'TooManyRequestsException', message: 'Rate exceeded' } as const;
  aws.world.faults.add({ service: 'guardduty', operation: 'ListFindings', times, effect });
  const { region } = HOME;
  const options = { clients: clientsOf(t, test), scope: OWN_SCOPE, region, updatedSince: 0 };
  const pace = createBucket(1, clock);

  const steps: unknown[] = [];
  let ended = false;
  async function read(): Promise<void> {
    try {
      for await (const step of existingFindings({ ...options, pace }, signal)) steps.push(step);
    } finally {
      ended = true;
    }
  }
  const reading = read();
  while (!ended) await clock.advance(1_000);
  await reading;
  return { steps, rate: pace.ratePerSecond() };
}

t.test('a throttled call is made again, at half the pace', async (t) => {
  const { steps, rate } = await readThrottled(t, 2);

  t.match(steps, [{ kind: 'detectors' }, { kind: 'ids' }, { kind: 'findings' }]);
  t.ok(rate < 1, 'slower than it began');
});

t.test('a place that throttles for ever ends as a failure', async (t) => {
  const { steps } = await readThrottled(t, Number.POSITIVE_INFINITY);

  t.match(steps, [
    { kind: 'detectors' },
    { kind: 'failed', failure: { cause: 'throttled', code: 'AWS-001' } },
  ]);
});
