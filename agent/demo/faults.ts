import type { ResourcePolicy } from '../localaws/logs/resource-policies.ts';
import type { LocalAws } from '../localaws/server.ts';
import type { Place } from '../localaws/service.ts';
import { emitConfigChange, TRUSTED_LIST } from './play.ts';
import { CUSTOMERS, MEMBER } from './scene.ts';
import type { EmbeddedSiem } from './siem.ts';

/** Something that happens to customers and SIEMs, to be seen in status, page, metrics, notices and SIEM. */
export interface DemoFault {
  /** Who does what, as a sentence. */
  readonly text: string;
  /** How it is made good; absent: it is not a state but a change, which is told once. */
  readonly cure?: string;
  begin(): void;
  end(): void;
}

const [ACME, GLOBEX, INITECH] = CUSTOMERS;

/** The five of them, each in another customer's account or at a SIEM. */
export function demoFaults(aws: LocalAws, siem: EmbeddedSiem): readonly DemoFault[] {
  return [
    silentRegion(aws, placeOf(ACME.account, 'us-west-2')),
    detectorOff(aws, placeOf(INITECH.account, 'us-east-1')),
    {
      text: 'the lake refuses our credentials',
      cure: 'the lake takes our credentials again',
      begin: () => siem.refuseLake(true),
      end: () => siem.refuseLake(false),
    },
    memberResigned(aws, placeOf(GLOBEX.account, 'us-east-1')),
    {
      text: 'acme eu-central-1: somebody changes the list of trusted addresses',
      begin: () => emitConfigChange(aws, { place: placeOf(ACME.account, 'eu-central-1'), ...TRUSTED_LIST }),
      end() {},
    },
  ];
}

/** Nobody tells of it: the heartbeats stay away. */
function silentRegion({ logs }: LocalAws, place: Place): DemoFault {
  let removed: readonly ResourcePolicy[] = [];
  return {
    text: `acme ${place.region}: somebody removes the policy of the log group`,
    cure: `acme ${place.region}: the policy of the log group stands again`,
    begin() {
      removed = logs.policies(place).list();
      for (const { policyName } of removed) logs.policies(place).deleteForAccount(policyName);
    },
    end() {
      for (const { policyName, policyDocument } of removed) {
        logs.policies(place).putForAccount(policyName, policyDocument);
      }
    },
  };
}

function detectorOff(aws: LocalAws, place: Place): DemoFault {
  const { detectors } = aws.guardDuty;
  function turn(enabled: boolean): void {
    const detector = detectors.find(place);
    if (detector) detectors.update(place, detector.id, { enabled });
    emitConfigChange(aws, { place, call: 'UpdateDetector', request: { enable: enabled } });
  }
  return {
    text: `initech ${place.region}: somebody switches GuardDuty off`,
    cure: `initech ${place.region}: GuardDuty is on again`,
    begin: () => turn(false),
    end: () => turn(true),
  };
}

function memberResigned({ guardDuty: { members } }: LocalAws, administrator: Place): DemoFault {
  return {
    text: `globex ${administrator.region}: member ${MEMBER.account} resigns`,
    cure: `globex ${administrator.region}: ${MEMBER.account} is a member again`,
    begin: () => members.resign({ ...administrator, account: MEMBER.account }),
    end: () => members.mark(administrator, MEMBER.account, 'Enabled'),
  };
}

function placeOf(account: string, region: string): Place {
  return { account, region, partition: 'aws' };
}
