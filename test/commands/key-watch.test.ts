import t from 'tap';

import { createKeyWatch } from '../../agent/commands/session/live-key.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import { clientsOf } from '../support/aws-clients.ts';
import { configurationOf } from '../support/checked-world.ts';
import { ACCOUNT, startTestAws } from '../support/local-aws.ts';
import { finish } from '../support/virtual-clock.ts';

const DAY_MS = 86_400_000;

async function watchOf(t: Parameters<typeof clientsOf>[0]) {
  const test = await startTestAws(t);
  const signing = { keys: test.aws.world.principals.addUser(ACCOUNT, 'relay') };
  const parsed = parseConfig(configurationOf({}), {});
  if (parsed.kind === 'mistaken') throw new Error(JSON.stringify(parsed.mistakes));
  const clients = clientsOf(t, test, { ownCredentials: async () => signing.keys });
  const { clock } = test;
  const watch = createKeyWatch({ config: parsed.config, clients, clock });
  const stop = new AbortController();
  const running = watch.run(stop.signal);
  return {
    ...{ ...test, ...watch },
    end: () =>
      finish(
        clock,
        Promise.resolve(stop.abort()).then(() => running),
      ),
  };
}

t.test('an access key of more than 90 days is told, until it is rotated', async (t) => {
  const { aws, clock, conditions, end } = await watchOf(t);

  await clock.advance(90 * DAY_MS);
  t.same(conditions(), [], 'not yet');
  await clock.advance(2 * DAY_MS);
  t.match(conditions(), [
    {
      ...{ type: 'credentials.old', code: 'AUTH-004', customers: [] },
      reason: /^the access key of user relay is 9[12] days old$/,
    },
  ]);
  t.ok(aws);
  await end();
});

t.test('who may not ask for the age of a key is told nothing', async (t) => {
  const { aws, clock, conditions, end } = await watchOf(t);
  const message = 'not authorized to perform: iam:ListAccessKeys';
  aws.world.faults.add({ service: 'iam', effect: { kind: 'error', code: 'AccessDeniedException', message } });

  await clock.advance(100 * DAY_MS);

  t.same(conditions(), []);
  await end();
});
