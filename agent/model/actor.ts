/** Who did something: an IAM principal, a user of a Kubernetes cluster or of a database. */
export interface User {
  readonly name?: string;
  /** Unique: an IAM principal id, a Kubernetes uid. */
  readonly id?: string;
  readonly arn?: string;
  /** As the source says it: IAMUser, AssumedRole, Root … */
  readonly type?: string;
  readonly account?: string;
  readonly accountName?: string;
  readonly accessKeyId?: string;
  readonly groups: readonly string[];
}

/** The temporary credentials somebody worked with. `created` in epoch ms. */
export interface Session {
  readonly id?: string;
  readonly issuer?: string;
  readonly created?: number;
  readonly isMfa?: boolean;
}

/** A process on a host, in a container or of an actor. `started` in epoch ms. */
export interface Process {
  readonly name?: string;
  readonly pid?: number;
  readonly namespacePid?: number;
  readonly uuid?: string;
  readonly parentUuid?: string;
  readonly path?: string;
  readonly sha256?: string;
  readonly workingDirectory?: string;
  readonly started?: number;
  readonly userName?: string;
  readonly userId?: number;
  readonly effectiveUserId?: number;
  /** Its parent first. */
  readonly ancestors: readonly Process[];
}

/** One actor of an attack sequence. */
export interface Actor {
  readonly id?: string;
  readonly user?: User;
  readonly session?: Session;
  readonly process?: Process;
}
