import type { endpointOf } from './endpoints.ts';
import type { Evidence } from './evidences.ts';
import type { ResourceDetails } from './resources.ts';

const TYPES = {
  hostname: [1, 'Hostname'],
  ip: [2, 'IP Address'],
  user: [4, 'User Name'],
  hash: [8, 'Hash'],
  process: [9, 'Process Name'],
  resource: [10, 'Resource UID'],
  account: [35, 'Account Object: uid'],
} as const;

type Kind = keyof typeof TYPES;

/** What other tools can look for, each value once, with the place in the event where it stands first. */
export function createObservables() {
  const seen = new Set<string>();
  const list: object[] = [];

  function add(kind: Kind, value: string | undefined, name: string): void {
    if (value === undefined || value === '') return;
    const key = `${kind} ${value}`;
    if (seen.has(key)) return;
    seen.add(key);
    const [typeId, type] = TYPES[kind];
    list.push({ name, type_id: typeId, type, value });
  }

  return { list, add };
}

type Observables = ReturnType<typeof createObservables>;

export function addEndpoint(
  { add }: Observables,
  endpoint: ReturnType<typeof endpointOf>,
  name: string,
): void {
  if (!endpoint) return;
  add('ip', endpoint.ip, `${name}.ip`);
  add('hostname', endpoint.domain, `${name}.domain`);
}

function addEvidence(observables: Observables, evidence: Evidence, name: string): void {
  const { add } = observables;
  addEndpoint(observables, evidence.src_endpoint, `${name}.src_endpoint`);
  addEndpoint(observables, evidence.dst_endpoint, `${name}.dst_endpoint`);
  add('hostname', evidence.query?.hostname, `${name}.query.hostname`);
  add('user', evidence.actor?.user?.name, `${name}.actor.user.name`);
  add('process', evidence.process?.name, `${name}.process.name`);
  add('hash', evidence.process?.file?.hashes?.[0]?.value, `${name}.process.file.hashes[0].value`);
  add('hash', evidence.file?.hashes?.[0]?.value, `${name}.file.hashes[0].value`);
}

/** Of a finding. */
export function observablesOf(
  account: string,
  resources: readonly ResourceDetails[],
  evidences: readonly Evidence[],
): readonly object[] {
  const observables = createObservables();
  observables.add('account', account, 'cloud.account.uid');
  resources.forEach(({ uid }, at) => {
    observables.add('resource', uid, `resources[${at}].uid`);
  });
  evidences.forEach((evidence, at) => {
    addEvidence(observables, evidence, `evidences[${at}]`);
  });
  return observables.list;
}
