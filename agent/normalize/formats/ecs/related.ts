import type { Finding } from '../../../model/finding.ts';
import { textOf } from '../../lenient.ts';
import { filled } from '../../present.ts';
import { distinct } from './distinct.ts';

function addressesIn({ remote, local, probes, k8s, instance, sequence }: Finding) {
  return [
    ...[remote.ip, local.ip],
    ...probes.flatMap((probe) => [probe.remote.ip, probe.local.ip]),
    ...(k8s?.sourceIps ?? []),
    ...(instance?.ips ?? []),
    ...(sequence?.endpoints ?? []).map(({ ip }) => ip),
  ];
}

function hostsIn({ remote, local, dns, instance, sequence }: Finding) {
  return [
    ...[remote.domain, local.domain, dns?.domain, instance?.hostname],
    ...(sequence?.endpoints ?? []).map(({ domain }) => domain),
  ];
}

function usersIn({ user, process, logins, sequence }: Finding) {
  return [
    ...[user?.name, process?.userName],
    ...logins.map((login) => login.user),
    ...(sequence?.actors ?? []).flatMap((actor) => [actor.user?.name, actor.process?.userName]),
  ];
}

function hashesIn({ process, files, threatIntel }: Finding) {
  return [
    process?.sha256,
    ...files.map(({ hash }) => hash),
    ...threatIntel.map(({ threatFileSha256 }) => textOf(threatFileSha256)),
  ];
}

/** Everything that people pivot by, wherever in the finding it stands. */
export function relatedOf(finding: Finding) {
  return filled({
    ip: distinct(addressesIn(finding)),
    hosts: distinct(hostsIn(finding)),
    user: distinct(usersIn(finding)),
    hash: distinct(hashesIn(finding)),
  });
}
