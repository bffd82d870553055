import t, { type Test } from 'tap';

import { keepOrganizationNames } from '../../agent/members/organization-names.ts';
import type { LogFields, Logger } from '../../agent/model/logger.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import { clientsOf, OWN_SCOPE } from '../support/aws-clients.ts';
import { ACCOUNT, startTestAws, type TestAws } from '../support/local-aws.ts';
import { networkRest } from '../support/network-rest.ts';
import { createVirtualClock, finish } from '../support/virtual-clock.ts';

const HOUR_MS = 3_600_000;
const MANAGEMENT = '999999999999';
const DENIED = {
  kind: 'error',
  code: 'AccessDeniedException',
  message: "You don't have permissions",
} as const;

/** The management account, the delegated administrator that is asked, and so many members. */
function found(test: TestAws, members: number, delegated: readonly string[] = [ACCOUNT]): void {
  const account = (id: string, name: string) => ({ id, name, email: `${id}@acme.example` });
  const others = Array.from({ length: members }, (_, at) =>
    account(`${200_000_000_000 + at}`, `member-${at}`),
  );
  test.aws.world.organizations.add({
    management: MANAGEMENT,
    delegated,
    accounts: [account(MANAGEMENT, 'root'), account(ACCOUNT, 'security'), ...others],
  });
}

/** Begins to keep the names; `lines` is what was logged. */
function keep(t: Test, test: TestAws) {
  const names = new Map<string, string>();
  const lines: (LogFields & { readonly message: string })[] = [];
  const log = (message: string, fields: LogFields = {}): void => void lines.push({ message, ...fields });
  const logger: Logger = { ...silentLogger, warn: log, info: log };
  const stopping = new AbortController();
  t.teardown(() => stopping.abort());
  const told = (id: string, name: string): void => void names.set(id, name);
  const parts = { clients: clientsOf(t, test), scope: OWN_SCOPE, clock: test.clock, logger, told };
  return { names, lines, stopping, ...keepOrganizationNames(parts, stopping.signal) };
}

t.test('every account of the organization is named, over all pages', async (t) => {
  const test = await startTestAws(t, createVirtualClock(undefined, networkRest));
  found(test, 45);

  const { names, lines, asked, ended, stopping } = keep(t, test);
  await finish(test.clock, asked);

  t.equal(names.size, 47);
  t.equal(names.get(ACCOUNT), 'security');
  t.equal(names.get('200000000044'), 'member-44');
  t.same(lines, []);
  stopping.abort();
  await ended;
});

t.test('names are read again once a day', async (t) => {
  const test = await startTestAws(t, createVirtualClock(undefined, networkRest));
  found(test, 0);
  const { names, asked } = keep(t, test);
  await finish(test.clock, asked);
  t.equal(names.get(ACCOUNT), 'security');
  names.clear();

  await test.clock.advance(23 * HOUR_MS);
  t.equal(names.size, 0);
  await test.clock.advance(2 * HOUR_MS);

  t.equal(names.get(ACCOUNT), 'security');
});

t.test('a refusal is told once, with its code and what to do, until names come', async (t) => {
  const test = await startTestAws(t, createVirtualClock(undefined, networkRest));
  found(test, 0);
  const allow = test.aws.world.faults.add({ service: 'organizations', effect: DENIED });
  const { names, lines, asked } = keep(t, test);
  await finish(test.clock, asked);
  await test.clock.advance(3 * HOUR_MS);

  t.equal(names.size, 0);
  t.match(lines, [
    {
      message: 'the names of accounts cannot be read from the organization',
      code: 'AUTH-006',
      accountId: ACCOUNT,
      error: /^ListAccounts of the organization of \d{12}: AWS refuses this call/,
      fix: /organizations:ListAccounts/,
    },
  ]);
  t.equal(lines.length, 1);
  allow();
  await test.clock.advance(2 * HOUR_MS);

  t.equal(names.get(ACCOUNT), 'security');
  t.match(lines.slice(1), [{ message: 'the names of accounts are read from the organization' }]);
});

t.test('an account that may not ask, or has no organization, gets no names and does no harm', async (t) => {
  for (const [what, prepare, code] of [
    ['a member', (test: TestAws) => found(test, 1, []), 'AUTH-006'],
    ['no organization', () => {}, 'AWS-002'],
  ] as const) {
    const test = await startTestAws(t, createVirtualClock(undefined, networkRest));
    prepare(test);

    const { names, lines, asked } = keep(t, test);
    await finish(test.clock, asked);

    t.equal(names.size, 0, what);
    t.match(lines, [{ code }], what);
  }
});
