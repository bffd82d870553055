import type { NoticeOutbox } from '../../model/notice-outbox.ts';
import type { Agent } from '../../relay/agent.ts';
import { awsIdentities } from '../../relay/aws-identities.ts';
import { type Notices, openNotices } from '../notify/live-notices.ts';
import type { Ground } from './ground.ts';
import { type LiveMembers, openLiveMembers } from './live-members.ts';

/** What speaks up while the agent runs. */
export interface Voices {
  readonly notices: Notices;
  readonly members: LiveMembers;
}

/** What comes into being after them, and needs them itself. */
interface Later {
  agent(): Agent;
  outbox(): NoticeOutbox;
  /** What is wrong with the files of the configuration. */
  configTroubles(): readonly string[];
}

/** Notices to people and SIEMs, and the watch over who is a member of whom; `stack` closes them. */
export function openVoices(ground: Ground, later: Later, stack: AsyncDisposableStack): Voices {
  const { clients, meters } = ground;
  const members = openLiveMembers({ ...ground, observed: () => later.agent().observed() });
  stack.defer(() => members.close());
  const notices = openNotices({
    ...ground,
    ...{ awsIdentities: awsIdentities(clients), meter: meters.notices, outbox: later.outbox },
    configTroubles: later.configTroubles,
    members: members.unsettled,
  });
  stack.defer(() => notices.close());
  return { members, notices };
}
