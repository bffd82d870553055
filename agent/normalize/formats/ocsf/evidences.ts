import type { Finding } from '../../../model/finding.ts';
import type { Peer } from '../../../model/peer.ts';
import { filled } from '../../present.ts';
import { actorOf } from './actor.ts';
import { filledList, integer, isPresent } from './attribute.ts';
import { endpointOf } from './endpoints.ts';
import { fileOf } from './files.ts';
import { processOf } from './process.ts';

const DIRECTIONS = {
  INBOUND: { direction_id: 1, direction: 'Inbound' },
  OUTBOUND: { direction_id: 2, direction: 'Outbound' },
  UNKNOWN: { direction_id: 0, direction: 'Unknown' },
} as const;

function connectionOf({ direction, protocol }: Finding) {
  if ((direction ?? protocol) === undefined) return undefined;
  return { ...DIRECTIONS[direction ?? 'UNKNOWN'], protocol_name: protocol?.toLowerCase() };
}

function apiOf({ api, k8s }: Finding) {
  const operation = api?.operation ?? k8s?.verb;
  if (operation === undefined) return undefined;
  return {
    operation,
    service: api?.service === undefined ? undefined : { name: api.service },
    response: filled({ code: integer(k8s?.statusCode), error: api?.errorCode }),
  };
}

function requestOf({ api, k8s }: Finding) {
  return filled({
    user_agent: api?.userAgent ?? k8s?.userAgent,
    url: k8s?.path === undefined ? undefined : { path: k8s.path },
    x_forwarded_for: k8s && filledList(k8s.sourceIps.slice(1)),
  });
}

function databaseOf({ database }: Finding) {
  if ((database?.name ?? database?.uid) === undefined) return undefined;
  return { name: database?.name, uid: database?.uid, type_id: 1, type: 'Relational' };
}

/** The machine that the process ran on. */
function deviceOf({ instance }: Finding) {
  if (!instance) return undefined;
  const names = filled({
    uid: instance.arn,
    instance_uid: instance.id,
    hostname: instance.hostname,
    ip: instance.ips[0],
  });
  return names && { ...names, type_id: 6, type: 'Virtual' };
}

function containerOf({ container }: Finding) {
  if ((container?.id ?? container?.name) === undefined) return undefined;
  const { id, name, runtime, image } = container ?? {};
  return { uid: id, name, runtime, image: image === undefined ? undefined : { uid: image, name: image } };
}

/** What was seen, in one piece: who did what from where to where. */
function actOf(finding: Finding) {
  const { source, destination, dns, user } = finding;
  const process = finding.process && processOf(finding.process);
  const act = filled({
    src_endpoint: endpointOf(source),
    dst_endpoint: endpointOf(destination),
    connection_info: connectionOf(finding),
    query: dns && { hostname: dns.domain },
    api: apiOf(finding),
    actor: actorOf(user),
    database: databaseOf(finding),
    process,
    container: process && containerOf(finding),
    device: process && deviceOf(finding),
  });
  // No evidence on its own.
  return act && { ...act, http_request: requestOf(finding) };
}

function probeOf({ remote, local }: { remote: Peer; local: Peer }, finding: Finding) {
  return filled({
    src_endpoint: endpointOf(remote),
    dst_endpoint: endpointOf(local),
    connection_info: connectionOf(finding),
  });
}

export interface Evidence extends Partial<NonNullable<ReturnType<typeof actOf>>> {
  readonly file?: ReturnType<typeof fileOf>;
}

function fileEvidences({ files }: Finding): readonly (Evidence | undefined)[] {
  return files.map((file) => filled({ file: fileOf(file) }));
}

function sequenceEvidences({ sequence }: Finding): readonly (Evidence | undefined)[] {
  if (!sequence) return [];
  return [
    ...sequence.actors.map(({ user, session, process }) =>
      filled({ actor: actorOf(user, session), process: process && processOf(process) }),
    ),
    ...sequence.endpoints.map((endpoint) => {
      const end = endpointOf(endpoint, endpoint.id);
      return filled(endpoint.direction === 'OUTBOUND' ? { dst_endpoint: end } : { src_endpoint: end });
    }),
  ];
}

/** A sequence is no single act: its actors and ends stand for themselves. */
function isSequence({ sequence, actionType }: Finding): boolean {
  return sequence !== undefined && actionType === undefined;
}

/** The act itself, then one for each further port, file, actor and end of a connection. */
export function evidencesOf(finding: Finding): readonly Evidence[] {
  const evidences: readonly (Evidence | undefined)[] = [
    isSequence(finding) ? undefined : actOf(finding),
    ...finding.probes.slice(1).map((probe) => probeOf(probe, finding)),
    ...fileEvidences(finding),
    ...sequenceEvidences(finding),
  ];
  return evidences.filter(isPresent);
}
