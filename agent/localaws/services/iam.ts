import { iamResources } from '../iam/resources.ts';
import { answering } from '../operation.ts';
import type { Service } from '../service.ts';
import type { World } from '../world.ts';

/** IAM, as far as CloudFormation makes roles; it has no operations of its own here. */
export function createIamService(world: World): Service {
  return {
    signingName: 'iam',
    protocol: 'query',
    wireName: 'https://iam.amazonaws.com/doc/2010-05-08/',
    handle: answering({}),
    resources: iamResources(world),
  };
}
