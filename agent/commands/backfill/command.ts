import type { ArgumentsCamelCase, Argv, InferredOptionTypes, Options } from 'yargs';

import { endpointUrlOption, type GlobalOptions } from '../global-options.ts';

const options = {
  'from-findings': {
    type: 'string',
    requiresArg: true,
    demandOption: true,
    describe: 'Findings updated since then: 90d, which is all that GuardDuty keeps, or a time',
  },
  dest: { type: 'string', requiresArg: true, describe: 'Only to this destination' },
  'dry-run': { type: 'boolean', default: false, describe: 'Read and count, send nothing' },
  timeout: { type: 'number', default: 3600, describe: 'Seconds after which to give up (exit code 6)' },
  'endpoint-url': endpointUrlOption,
} as const satisfies Record<string, Options>;

const EPILOGUE = [
  'The credentials that read the logs need guardduty:ListDetectors, guardduty:ListFindings and guardduty:GetFindings too: AllowBackfill=true in templates/reader-role.yaml.',
  'Each finding goes out as it stands now, archived ones too, without the EventBridge envelope; the json format marks it "backfill":true. Its key is that of the live event of the same update, so a SIEM can tell that it has it already. No checkpoint is touched, so the agent may run meanwhile.',
  'Exit codes: 4 a destination is blocked, 6 time-out, 7 some regions could not be read or some findings not delivered.',
].join('\n\n');

type BackfillOptions = GlobalOptions & InferredOptionTypes<typeof options>;

export function builder(yargs: Argv<GlobalOptions>): Argv<BackfillOptions> {
  return yargs.options(options).epilogue(EPILOGUE);
}

export async function handler(argv: ArgumentsCamelCase<BackfillOptions>): Promise<void> {
  const { runBackfill } = await import('./run-backfill.ts');
  process.exitCode = await runBackfill(argv);
}
