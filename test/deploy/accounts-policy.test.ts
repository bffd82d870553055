import t from 'tap';
import { createBucket } from '../../agent/aws/bucket.ts';
import { loadPolicy } from '../../agent/deploy/policies.ts';
import { accountRegions } from '../../agent/discover/account-regions.ts';
import { acceptAt } from '../../agent/members/accept.ts';
import type { Desk } from '../../agent/members/desk.ts';
import { inviteAt } from '../../agent/members/invite.ts';
import { findMembership, removeMember } from '../../agent/members/remove.ts';
import { clientsOf, OWN_SCOPE } from '../support/aws-clients.ts';
import { ACCOUNT, HOME, startTestAws } from '../support/local-aws.ts';
import { actionsOf, recordCalls, SCOPE, sessionWith } from '../support/policies.ts';

const MEMBER = { id: '444455556666', email: 'm@example.com' };
const RIVAL = { ...HOME, account: '777788889999' };
const WISH = { email: false };

/** AWS makes the role of the service with the caller's right when GuardDuty is first switched on. */
const IMPLICIT = ['iam:CreateServiceLinkedRole'];

/** An embedded AWS in which the account works with one published policy, and what it called. */
async function workWith(t: Parameters<typeof startTestAws>[0], name: 'accounts' | 'accept') {
  const test = await startTestAws(t);
  test.aws.world.accounts.add(MEMBER);
  const session = sessionWith(test, 'Worker', await loadPolicy(name, SCOPE));
  const { credentials } = test.config({ keys: session });
  const clients = clientsOf(t, test, { ownCredentials: async () => credentials });
  const { signal } = new AbortController();
  const called = recordCalls(test.aws, '/Worker/');
  const scope = { ...OWN_SCOPE, account: ACCOUNT };
  const pace = createBucket(1_000, test.clock);
  const desk: Desk = { clients, scope, region: HOME.region, pace, signal };
  await accountRegions({ regions: 'enabled' }, scope, { clients, known: [], signal });
  return { ...test, desk, called };
}

t.test('members are invited and removed with the policy alone, and it allows nothing else', async (t) => {
  const { aws, desk, called } = await workWith(t, 'accounts');
  aws.guardDuty.detectors.create(HOME, {});

  const invited = await inviteAt(desk, [MEMBER], WISH);
  aws.guardDuty.members.mark(HOME, MEMBER.id, 'Enabled');
  const found = await findMembership(desk, MEMBER.id);
  const removed = found.kind === 'member' ? await removeMember(found) : undefined;

  t.match([...invited, removed], [{ outcome: 'invited' }, { outcome: 'removed' }]);
  t.same([...called].sort(), await actionsOf('accounts'));
});

t.test('an invitation is accepted with the policy alone, and it allows nothing else', async (t) => {
  const { aws, clock, desk, called } = await workWith(t, 'accept');
  const { members, detectors } = aws.guardDuty;
  aws.world.accounts.add({ id: RIVAL.account });
  members.create(RIVAL, ACCOUNT, 'a@example.com');
  members.invite(RIVAL, ACCOUNT);
  await clock.advance(1_000);
  const wish = { administrators: [RIVAL.account] };

  const off = await acceptAt(desk, { ...wish, createsDetector: false });
  const accepted = await acceptAt(desk, { ...wish, createsDetector: true });
  const again = await acceptAt(desk, { ...wish, createsDetector: false });

  t.match(
    [off, accepted, again],
    [{ outcome: 'no-detector' }, { outcome: 'accepted' }, { outcome: 'enabled' }],
  );
  t.ok(detectors.find(HOME));
  t.same([...called, ...IMPLICIT].sort(), await actionsOf('accept'));
});
