import type { JsonObject } from './json.ts';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Something in AWS that a finding is about. Times in epoch ms. */
export interface Resource {
  /** In CloudFormation's names (`AWS::S3::Bucket`); of an attack sequence in GuardDuty's (`S3_BUCKET`). */
  readonly type: string;
  /** Its ARN, or what identifies it where no ARN is known. */
  readonly uid?: string;
  readonly name?: string;
  /** Accepted by `net.isIP`, without a zone. */
  readonly ip?: string;
  readonly hostname?: string;
  readonly zone?: string;
  readonly namespace?: string;
  readonly account?: string;
  readonly region?: string;
  readonly created?: number;
  readonly modified?: number;
  readonly tags: readonly Tag[];
  /** The resource as the finding describes it, by reference: wire names, never changed. */
  readonly detail: JsonObject;
}

/** The instance that a finding is about, or that its container runs on. */
export interface Instance {
  readonly id?: string;
  readonly arn?: string;
  readonly type?: string;
  readonly zone?: string;
  readonly platform?: string;
  readonly imageId?: string;
  readonly hostname?: string;
  /** Its private addresses, then the public ones; each accepted by `net.isIP`, each once. */
  readonly ips: readonly string[];
}

export interface Cluster {
  readonly kind: 'eks' | 'ecs';
  readonly arn?: string;
  readonly name?: string;
}

/** A workload of a Kubernetes cluster. */
export interface Workload {
  readonly name?: string;
  readonly type?: string;
  readonly uid?: string;
  readonly namespace?: string;
  readonly serviceAccount?: string;
}

export interface Container {
  readonly id?: string;
  readonly name?: string;
  readonly runtime?: string;
  readonly image?: string;
}

export interface Database {
  readonly name?: string;
  /** ARN of the instance or shard group. */
  readonly uid?: string;
  readonly engine?: string;
  readonly engineVersion?: string;
}

/** A file or object that a scan found, or that a process used. */
export interface ScannedFile {
  readonly path?: string;
  readonly name?: string;
  /** As stated, whatever it is. */
  readonly hash?: string;
  /** The same hash where it has the form of a SHA-256. */
  readonly sha256?: string;
  /** ARN of the volume, bucket object or backup that holds it. */
  readonly holder?: string;
  /** What it contains. */
  readonly threat?: string;
}

/** Malware by its name, each once. */
export interface Threat {
  readonly name: string;
  readonly severity?: string;
  readonly count?: number;
}
