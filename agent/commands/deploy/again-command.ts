import type { DeployerOptions } from './deployer.ts';

interface AgainOptions extends DeployerOptions {
  readonly yes: boolean;
  readonly roleArn?: string | undefined;
  readonly readerRole?: string | undefined;
}

/** The command that goes on for one customer: with the options that say who asks, and for what. */
export function againCommand(verb: string, customer: string, options: AgainOptions): string {
  const { config, profile, endpointUrl, roleArn, readerRole, account, region, yes } = options;
  const valued = {
    config,
    customer,
    account,
    region,
    profile,
    'role-arn': roleArn,
    'reader-role': readerRole,
    'endpoint-url': endpointUrl,
  };
  const words = Object.entries(valued).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${shellWord(value)}`],
  );
  return ['guardrelay', verb, ...words, ...(yes ? ['--yes'] : [])].join(' ');
}

function shellWord(word: string): string {
  return /^[\w./:@=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
