import type { ArgumentsCamelCase } from 'yargs';

import type { DeployArguments } from './command.ts';

/** The same options as those of deploy. */
export { builder } from './command.ts';

/** Deploys to what stands already, and makes nothing new. */
export async function handler(argv: ArgumentsCamelCase<DeployArguments>): Promise<void> {
  const { deployCustomers } = await import('./deploy-customers.ts');
  process.exitCode = await deployCustomers({ ...argv, existingOnly: true });
}
