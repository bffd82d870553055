import type { Process, User } from './actor.ts';
import type { Attack, Sequence } from './attack.ts';
import type { JsonObject } from './json.ts';
import type { Direction, Peer, Probe } from './peer.ts';
import type {
  Cluster,
  Container,
  Database,
  Instance,
  Resource,
  ScannedFile,
  Threat,
  Workload,
} from './resource.ts';

export type Band = 'Critical' | 'High' | 'Medium' | 'Low' | 'Informational' | 'Unknown';

/** `ThreatPurpose:ResourceTypeAffected/ThreatFamilyName.DetectionMechanism!Artifact`. */
export interface TypeParts {
  readonly purpose: string;
  readonly resource: string;
  readonly family: string;
  readonly mechanism?: string;
  readonly artifact?: string;
}

/** The AWS API call that a finding tells of. */
export interface ApiCall {
  readonly operation?: string;
  readonly service?: string;
  readonly errorCode?: string;
  readonly userAgent?: string;
  readonly callerType?: string;
  readonly callerDomain?: string;
  readonly remoteAccount?: {
    readonly id?: string;
    readonly isAffiliated?: boolean;
    readonly service?: string;
  };
  /** Names or ARNs by resource type. */
  readonly affectedResources?: JsonObject;
}

/** The call to a Kubernetes API that a finding tells of. */
export interface K8sCall {
  readonly verb?: string;
  readonly path?: string;
  readonly statusCode?: number;
  readonly userAgent?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly resourceName?: string;
  readonly namespace?: string;
  readonly parameters?: string;
  /** Each accepted by `net.isIP`. The first one is the remote end's. */
  readonly sourceIps: readonly string[];
  readonly permissionChecked?: JsonObject;
  readonly roleBinding?: JsonObject;
  readonly role?: JsonObject;
}

/** The name that was looked up. */
export interface DnsRequest {
  readonly domain: string;
  readonly domainWithSuffix?: string;
  readonly protocol?: string;
  readonly vpcOwnerAccount?: string;
}

/** Attempts of one user to log in to a database. */
export interface Login {
  readonly user?: string;
  readonly application?: string;
  readonly failed?: number;
  readonly successful?: number;
}

/**
 * Everything that the formats write of a finding, read once: times in epoch ms, absent fields absent, addresses
 * proved to be addresses. What stands in no field is in the record's `detail`.
 */
export interface Finding {
  readonly id?: string;
  readonly arn?: string;
  readonly type?: string;
  readonly parts?: TypeParts;
  readonly title?: string;
  readonly description?: string;
  readonly schemaVersion?: string;
  readonly created?: number;
  readonly updated?: number;
  readonly firstSeen?: number;
  readonly lastSeen?: number;
  readonly severity?: number;
  readonly band: Band;
  readonly confidence?: number;
  readonly count?: number;
  readonly archived: boolean;
  readonly sample: boolean;
  readonly userFeedback?: string;
  /** The finding in the console of its partition. */
  readonly url?: string;
  readonly detectorId?: string;
  readonly detectorArn?: string;
  readonly feature?: string;
  readonly customRule?: string;
  readonly associatedSequenceArn?: string;
  readonly attacks: readonly Attack[];

  /** `NETWORK_CONNECTION`, `AWS_API_CALL` … */
  readonly actionType?: string;
  readonly direction?: Direction;
  readonly protocol?: string;
  readonly blocked?: boolean;
  readonly remote: Peer;
  readonly local: Peer;
  /** `remote` or `local`, whichever began; absent where that end is unknown. */
  readonly source?: Peer;
  readonly destination?: Peer;
  /** One per port; the first one's ends are `remote` and `local` too. */
  readonly probes: readonly Probe[];
  readonly dns?: DnsRequest;
  readonly api?: ApiCall;
  readonly k8s?: K8sCall;
  readonly logins: readonly Login[];

  /** `TARGET` or `ACTOR`. */
  readonly resourceRole?: string;
  readonly resourceType?: string;
  /** Of one kind after the other, those of an attack sequence last; each has an id or a name. */
  readonly resources: readonly Resource[];
  readonly instance?: Instance;
  readonly cluster?: Cluster;
  readonly workload?: Workload;
  readonly container?: Container;
  readonly database?: Database;
  /** Who acted, if the finding says so: a principal, a Kubernetes or database user, the first actor of a sequence. */
  readonly user?: User;
  readonly process?: Process;
  readonly runtimeContext?: JsonObject;
  readonly toolName?: string;
  readonly files: readonly ScannedFile[];
  readonly threats: readonly Threat[];
  readonly sequence?: Sequence;
  readonly threatIntel: readonly JsonObject[];
  /** With what its `value` holds as JSON in a string. */
  readonly additionalInfo: JsonObject;
}
