import type { AwsClientsOptions } from '../../aws/clients.ts';
import type { Config } from '../../config/config.ts';
import type { TestWish } from '../../console/job-desk.ts';
import { mapBounded } from '../../discover/bounded.ts';
import type { Clock } from '../../model/clock.ts';
import { testExit } from '../test/exit.ts';
import { secondsText, stepText } from '../test/lines.ts';
import { testedCustomers } from '../test/places.ts';
import { testRegions } from '../test/regions.ts';
import type { TestContext } from '../test/run-test.ts';
import { testSentence } from '../test/sentence.ts';
import type { Passage, TimedStep } from '../test/steps.ts';
import type { JobWork } from './jobs.ts';

/** What the jobs of an agent work with, as its commands do. */
export interface JobParts {
  readonly config: Config;
  readonly endpointUrl?: string | undefined;
  readonly ownCredentials?: AwsClientsOptions['ownCredentials'] | undefined;
  readonly clock: Clock;
}

const TIMEOUT_MS = 10 * 60_000;

/** `guardrelay test` of one region, in the agent. */
export function testJob({ config, endpointUrl, ownCredentials, clock }: JobParts): JobWork<TestWish> {
  return async ({ place, via }, tell, stop) => {
    const begunAt = clock.monotonic();
    const steps: TimedStep[] = [];
    const passages: Passage[] = [];
    const { account, region, customer } = place;
    const argv: TestContext['argv'] = {
      ...{ via, account, region, customer: [customer], timeout: TIMEOUT_MS, endpointUrl, ownCredentials },
      ...{ noVerify: false, strict: false, type: 'Recon:EC2/Portscan', json: false, noColor: true },
    };
    const customers = testedCustomers(
      config.customers.filter(({ id }) => id === customer),
      argv,
    );
    await testRegions({
      ...{ argv, config: { ...config, customers } },
      signal: AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)]),
      note: (text) => tell({ kind: 'note', text }),
      travel: (expeditions) =>
        mapBounded(expeditions, 1, async ({ passage, follow }) => {
          passages.push(passage);
          for await (const step of follow()) {
            const afterMs = clock.monotonic() - begunAt;
            steps.push({ passage, step, afterMs });
            tell({ kind: step.kind, text: stepText(step, secondsText(afterMs)) });
          }
        }).then(() => {}),
    });
    const code = testExit(steps, false);
    return { isGood: code === 0, result: testSentence(via, passages, { steps, code }) };
  };
}
