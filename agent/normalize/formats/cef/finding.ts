import type { Finding } from '../../../model/finding.ts';
import type { Peer } from '../../../model/peer.ts';
import type { RenderableRec } from '../../../model/record.ts';
import type { CefEvent, CefFields } from './keys.ts';
import { GUARDDUTY, hostOf, placeFields } from './place.ts';

type FindingRec = Extract<RenderableRec, { kind: 'finding' }>;

const DIRECTION: Readonly<Record<string, number>> = { INBOUND: 0, OUTBOUND: 1 };

export function findingEvent(rec: FindingRec): CefEvent {
  const { finding } = rec;
  const { type = 'GuardDuty Finding', title, severity } = finding;
  return {
    header: {
      ...GUARDDUTY,
      version: finding.schemaVersion ?? GUARDDUTY.version,
      classId: type,
      name: title ?? type,
      // Rounded down, AWS's bands and those of CEF meet.
      severity: severity === undefined ? 'Unknown' : Math.min(10, Math.max(0, Math.floor(severity))),
    },
    fields: {
      ...placeFields(rec),
      ...identityFields(finding),
      ...endFields(finding),
      ...actorFields(finding),
      ...resourceFields(finding),
      dvchost: hostOf(rec),
    },
  };
}

function identityFields(finding: Finding): CefFields {
  const { firstSeen, lastSeen, count, id, parts, type, arn, severity, sample, description } = finding;
  return {
    start: firstSeen,
    end: lastSeen,
    cnt: wholeNumber(count),
    externalId: id,
    cat: parts?.purpose,
    deviceFacility: finding.feature,
    request: finding.url,
    cs3: type,
    cs4: arn,
    cfp1: severity,
    flexString2: sample ? 'true' : undefined,
    msg: description,
  };
}

/** Who began is the source; of addresses of the two versions each has a key of its own. */
function endFields({ source, destination, remote, instance, dns, ...finding }: Finding): CefFields {
  return {
    ...(source ? { src: v4(source), c6a2: v6(source), spt: source.port } : {}),
    ...(destination ? { dst: v4(destination), c6a3: v6(destination), dpt: destination.port } : {}),
    act: finding.blocked === undefined ? undefined : finding.blocked ? 'blocked' : 'allowed',
    proto: finding.protocol,
    deviceDirection: DIRECTION[finding.direction ?? ''],
    shost: source?.instanceId ?? source?.domain,
    dhost:
      dns?.domain ?? destination?.domain ?? destination?.instanceId ?? (source ? undefined : instance?.id),
    cn1: remote.network?.asn,
  };
}

function actorFields({ user, api, k8s, process, files }: Finding): CefFields {
  const [file] = files;
  return {
    suser: user?.name,
    suid: user?.id,
    spriv: user?.type,
    requestMethod: api?.operation ?? k8s?.verb,
    destinationServiceName: api?.service,
    requestClientApplication: api?.userAgent ?? k8s?.userAgent,
    outcome: api?.errorCode === undefined ? undefined : 'failure',
    reason: api?.errorCode,
    sproc: process?.name,
    spid: process?.pid,
    filePath: process?.path ?? file?.path,
    fileHash: process?.sha256 ?? file?.hash,
  };
}

function resourceFields({ resources: [first], resourceType }: Finding): CefFields {
  return { cs5: first?.uid ?? first?.name, cs6: resourceType };
}

function v4({ ip, ipVersion }: Peer): string | undefined {
  return ipVersion === 4 ? ip : undefined;
}

function v6({ ip, ipVersion }: Peer): string | undefined {
  return ipVersion === 6 ? ip : undefined;
}

function wholeNumber(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.floor(value);
}
