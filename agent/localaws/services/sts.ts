import { z } from 'zod';

import { answering, operationsRefusing } from '../operation.ts';
import type { Call, Caller, Service } from '../service.ts';
import type { World } from '../world.ts';

const operation = operationsRefusing('ValidationError');

const assumeRole = z.object({
  RoleArn: z.string().min(20).max(2048),
  RoleSessionName: z.string().regex(/^[\w+=,.@-]{2,64}$/),
  ExternalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,1224}$/)
    .optional(),
  DurationSeconds: z.coerce.number().int().default(3600),
});

/** The unique id that AWS would show for a principal; here its name serves. */
function userId({ account, arn }: Caller): string {
  return `${account}:${arn.split('/').at(-1)}`;
}

/** Security Token Service. */
export function createStsService({ principals }: World): Service {
  return {
    signingName: 'sts',
    protocol: 'query',
    wireName: 'https://sts.amazonaws.com/doc/2011-06-15/',
    resources: [],
    access: ({ input }: Call) => (typeof input.RoleArn === 'string' ? [{ resource: input.RoleArn }] : [{}]),
    handle: answering({
      AssumeRole: operation(assumeRole, (input, caller) => {
        const { arn, expiration, accessKeyId, secretAccessKey, sessionToken } = principals.assume(caller, {
          roleArn: input.RoleArn,
          sessionName: input.RoleSessionName,
          durationSeconds: input.DurationSeconds,
          ...(input.ExternalId === undefined ? {} : { externalId: input.ExternalId }),
        });
        return {
          AssumedRoleUser: { Arn: arn, AssumedRoleId: `${accessKeyId}:${input.RoleSessionName}` },
          Credentials: {
            AccessKeyId: accessKeyId,
            SecretAccessKey: secretAccessKey,
            SessionToken: sessionToken,
            Expiration: new Date(expiration),
          },
        };
      }),
      GetCallerIdentity: operation(z.object({}), (_input, caller) => ({
        Account: caller.account,
        Arn: caller.arn,
        UserId: userId(caller),
      })),
    }),
  };
}
