import type { AwsClients } from '../aws/clients.ts';
import type { AwsAuth } from '../aws/credential-scope.ts';
import { CredentialsError } from '../aws/failure.ts';
import { findRegion } from '../aws/regions.ts';
import type { AwsCaller, AwsIdentitySource } from '../model/aws-identity.ts';
import { type ErrorCode, EXIT, GuardrelayError } from '../model/error.ts';

/** These end by themselves. */
const TRANSIENT: ReadonlySet<ErrorCode> = new Set(['NET-001', 'AWS-001', 'AWS-002']);

/** Credentials for destinations in AWS: the agent's own, or those of a role that it assumes with them. */
export function awsIdentities(clients: Pick<AwsClients, 'credentials'> | undefined): AwsIdentitySource {
  return (caller) => {
    const cache = clients?.credentials({
      ...{ customer: '', account: '', auth: authOf(caller) },
      partition: findRegion(caller.region)?.partition ?? 'aws',
    });
    return {
      async get() {
        if (!cache) throw noClients();
        return cache.get().catch((error: unknown) => {
          throw explained(error);
        });
      },
      renew: (refused) => cache?.renew(refused),
    };
  };
}

function authOf({ role }: AwsCaller): AwsAuth {
  if (!role) return { type: 'default' };
  return { type: 'assumeRole', roleArn: role.arn, externalId: role.externalId };
}

function explained(error: unknown): unknown {
  if (!(error instanceof CredentialsError) || TRANSIENT.has(error.failure.code)) return error;
  const { code, text } = error.failure;
  const fix = `Look at docs/errors/${code}.md for what this destination signs with.`;
  return new GuardrelayError(code, text, { exitCode: EXIT.failure, fix, cause: error });
}

function noClients(): GuardrelayError {
  return new GuardrelayError('AUTH-001', 'This command has no AWS credentials for destinations', {
    exitCode: EXIT.failure,
    fix: 'Let the running agent deliver to this destination.',
  });
}
