/** What signs a request to AWS. */
export interface AwsIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Credentials that are kept fresh. */
export interface AwsIdentities {
  /** Rejects with a GuardrelayError when a person must act. */
  get(): Promise<AwsIdentity>;
  /** Forgets credentials that AWS refused. */
  renew(refused: AwsIdentity): void;
}

/** Whose credentials these are. */
export interface AwsCaller {
  readonly region: string;
  /** A role to assume with the agent's own credentials; absent: these. `externalId` is a secret reference. */
  readonly role?: { readonly arn: string; readonly externalId: string };
}

export type AwsIdentitySource = (caller: AwsCaller) => AwsIdentities;
