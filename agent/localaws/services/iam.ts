import { z } from 'zod';

import { iamResources } from '../iam/resources.ts';
import { answering, operationsRefusing } from '../operation.ts';
import type { Call, Caller, Service } from '../service.ts';
import { AwsError } from '../service.ts';
import type { World } from '../world.ts';

const operation = operationsRefusing('ValidationError');
const listAccessKeys = z.object({ UserName: z.string().optional() });

const USER_ARN = /:iam::\d+:user\/(?:.*\/)?(?<name>[^/]+)$/;

/** Without a name, the user that signs is meant. */
function userOf({ UserName }: Readonly<Record<string, unknown>>, { arn }: Caller): string {
  const name = typeof UserName === 'string' ? UserName : USER_ARN.exec(arn)?.groups?.name;
  if (name !== undefined) return name;
  throw new AwsError('ValidationError', 'Must specify userName when calling with non-User credentials');
}

/** IAM: CloudFormation makes roles, and users look at their own keys. */
export function createIamService(world: World): Service {
  return {
    signingName: 'iam',
    protocol: 'query',
    wireName: 'https://iam.amazonaws.com/doc/2010-05-08/',
    access: ({ input, caller }: Call) => [
      { resource: `arn:${caller.partition}:iam::${caller.account}:user/${userOf(input, caller)}` },
    ],
    handle: answering({
      ListAccessKeys: operation(listAccessKeys, (input, caller) => {
        const UserName = userOf(input, caller);
        const keys = world.principals.accessKeys(caller.account, UserName);
        if (keys.length === 0) {
          throw new AwsError('NoSuchEntity', `The user with name ${UserName} cannot be found.`, 404);
        }
        const shown = keys.map(({ accessKeyId: AccessKeyId, createdAt }) => {
          return { UserName, AccessKeyId, Status: 'Active', CreateDate: new Date(createdAt) };
        });
        return { UserName, AccessKeyMetadata: shown, IsTruncated: false };
      }),
    }),
    resources: iamResources(world),
  };
}
