import type { NoticeOutbox } from '../../model/notice-outbox.ts';
import type { Agent } from '../../relay/agent.ts';
import { awsIdentities } from '../../relay/aws-identities.ts';
import { memberConditions } from '../../relay/member-conditions.ts';
import { stackConditions } from '../../relay/stack-conditions.ts';
import { type Notices, openNotices } from '../notify/live-notices.ts';
import type { StackLook } from '../view/stacks.ts';
import type { Ground } from './ground.ts';
import { createKeyWatch, type KeyWatch } from './live-key.ts';
import { type LiveMembers, openLiveMembers } from './live-members.ts';

/** What speaks up while the agent runs. */
export interface Voices {
  readonly notices: Notices;
  readonly members: LiveMembers;
  readonly keys: KeyWatch;
}

/** What comes into being after them, and needs them itself. */
interface Later {
  agent(): Agent;
  outbox(): NoticeOutbox;
  readonly stacks: Pick<StackLook, 'latest'>;
  /** What is wrong with the files of the configuration. */
  configTroubles(): readonly string[];
}

/** Notices to people and SIEMs, and the watches over what nothing that is read tells; `stack` closes them. */
export function openVoices(ground: Ground, later: Later, stack: AsyncDisposableStack): Voices {
  const { clients, meters } = ground;
  const members = openLiveMembers({ ...ground, observed: () => later.agent().observed() });
  stack.defer(() => members.close());
  const keys = createKeyWatch(ground);
  const notices = openNotices({
    ...ground,
    ...{ awsIdentities: awsIdentities(clients), meter: meters.notices, outbox: later.outbox },
    configTroubles: later.configTroubles,
    others: (names, now) => [
      ...memberConditions(members.unsettled(), names, now),
      ...stackConditions(later.stacks.latest(), names),
      ...keys.conditions(),
    ],
  });
  stack.defer(() => notices.close());
  return { members, keys, notices };
}
