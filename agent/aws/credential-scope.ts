import type { Partition } from './regions.ts';

/** How the agent comes to credentials for an account. Secrets stand as references, never as values. */
export type AwsAuth =
  | {
      readonly type: 'assumeRole';
      /** `{account}` stands for the account that is read. */
      readonly roleArn: string;
      /** Secret reference; absent: the role demands none. */
      readonly externalId?: string | undefined;
    }
  /** Secret references. */
  | { readonly type: 'keys'; readonly accessKeyId: string; readonly secretAccessKey: string }
  /** A profile of the shared AWS configuration files. */
  | { readonly type: 'profile'; readonly name: string }
  /** What the AWS SDK finds in its surroundings. */
  | { readonly type: 'default' };

/** Whose credentials sign a call: everything that shares one session. */
export interface CredentialScope {
  readonly customer: string;
  readonly account: string;
  readonly partition: Partition;
  readonly auth: AwsAuth;
}
