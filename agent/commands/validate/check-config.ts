import { stringify } from 'yaml';

import { REGIONS } from '../../aws/regions.ts';
import type { Config } from '../../config/config.ts';
import {
  besideFile,
  type ConfigSource,
  mistakesError,
  placeText,
  readConfigSource,
} from '../../config/load.ts';
import type { Mistake, Place } from '../../config/mistake.ts';
import { parseConfig } from '../../config/parse.ts';
import { readSecret } from '../../config/secret.ts';
import { type OpenSecretFile, openSecretFiles } from '../../config/secret-files.ts';
import { type NamedSecret, secretsIn } from '../../config/secrets-in.ts';
import { shownConfig } from '../../config/shown-config.ts';
import { type Warning, warningsOf } from '../../config/warnings.ts';
import { printable, printableJson } from '../../console/terminal/printable.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { systemClock } from '../../model/clock.ts';
import { type ErrorCode, EXIT, type ExitCode } from '../../model/error.ts';
import { judgeAccountLists } from './check-accounts.ts';

interface CheckArguments extends ScreenWishes {
  readonly config?: string | undefined;
  readonly showResolved: boolean;
  readonly strict: boolean;
  readonly quiet: boolean;
}

interface Verdict {
  readonly file: string;
  readonly config?: Config;
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly PlacedWarning[];
  readonly unreadable: readonly UnreadableSecret[];
}

interface PlacedWarning extends Place {
  readonly text: string;
  readonly code?: ErrorCode;
}

interface UnreadableSecret extends NamedSecret {
  readonly why: string;
}

/** Reads the file and the secrets that it names, and calls nobody. */
export async function checkConfig(argv: CheckArguments): Promise<ExitCode> {
  const source = await readConfigSource(argv.config, process.env);
  const { file } = source;
  const { output } = screenFor(argv, process.env, process.stdout);
  const verdict = await judge(source);
  const { config, mistakes, warnings } = verdict;
  if (output === 'json' || output === 'ndjson') process.stdout.write(asJson(verdict, argv.showResolved));
  else if (config === undefined) throw mistakesError(file, mistakes);
  else tell(config, verdict, argv);
  if (mistakes.length > 0) return EXIT.usage;
  return argv.strict && warnings.length > 0 ? EXIT.attention : EXIT.done;
}

async function judge({ file, text, customerFiles }: ConfigSource): Promise<Verdict> {
  const parsed = parseConfig(text, process.env, customerFiles);
  if (parsed.kind === 'mistaken') return { file, mistakes: parsed.mistakes, warnings: [], unreadable: [] };
  const { place } = parsed;
  const config = besideFile(file, parsed.config);
  const lists = await judgeAccountLists(config.customers);
  if (lists.faults.length > 0) {
    const mistakes = lists.faults.map(({ path, ...said }) => ({ ...said, ...place({ path }) }));
    return { file, mistakes, warnings: [], unreadable: [] };
  }
  const known = new Set(REGIONS.filter(({ guardduty }) => guardduty).map(({ region }) => region));
  const unreadable = await unreadableSecrets(config);
  const warnings: readonly Warning[] = [
    ...warningsOf(config, known),
    ...lists.warnings,
    ...unreadable.map(({ path, why }) => ({ path, text: `cannot be used here. ${why}` })),
    ...(await openSecretFiles(config)).map(openFileWarning),
  ];
  const placed = warnings.map(({ path, ...said }) => ({ ...said, ...place({ path }) }));
  return { file, config, mistakes: [], warnings: placed, unreadable };
}

function openFileWarning({ path, file, mode }: OpenSecretFile): Warning {
  return { path, code: 'CFG-009', text: `names ${file}, which others on this host may read (mode ${mode})` };
}

async function unreadableSecrets(config: Config): Promise<readonly UnreadableSecret[]> {
  const checks = secretsIn(config).map(async (secret) => {
    const why = await readSecret(secret.reference).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    return why === undefined ? [] : [{ ...secret, why }];
  });
  return (await Promise.all(checks)).flat();
}

function tell(config: Config, verdict: Verdict, { showResolved, quiet }: CheckArguments): void {
  process.stdout.write(showResolved ? resolved(config, verdict) : summary(verdict.file, config));
  if (quiet) return;
  for (const { text, code, ...place } of verdict.warnings) {
    const told = code === undefined ? text : `${text} (docs/errors/${code}.md)`;
    process.stderr.write(`⚠ ${printable(placeText(place))} ${printable(told)}\n`);
  }
}

/** As YAML, with a word on each secret: whether it is there, never what it is. */
function resolved(config: Config, { unreadable }: Verdict): string {
  const missing = new Set(unreadable.map(({ reference }) => reference));
  const told = (reference: string): string => `${reference} (${missing.has(reference) ? 'not set' : 'set'})`;
  return stringify(shownConfig(config, told));
}

function summary(file: string, { customers, destinations }: Config): string {
  const accounts = customers.reduce((sum, customer) => sum + customer.accounts.collect.length, 0);
  const counts = [
    counted(customers.length, 'customer'),
    counted(accounts, 'account'),
    counted(destinations.length, 'destination'),
  ];
  return `✔ ${file} is valid: ${counts.join(', ')}\n`;
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function asJson({ file, config, mistakes, warnings }: Verdict, showResolved: boolean): string {
  const remarks = [
    ...mistakes.map((mistake) => ({ level: 'mistake', ...mistake })),
    ...warnings.map((warning) => ({ level: 'warning', ...warning })),
  ];
  const envelope = {
    schema: 'guardrelay.validate/v1',
    generatedAt: new Date(systemClock.now()).toISOString(),
    summary: { file, valid: mistakes.length === 0, mistakes: mistakes.length, warnings: warnings.length },
    data: remarks,
    ...(showResolved && config !== undefined ? { resolved: shownConfig(config) } : {}),
  };
  return `${printableJson(envelope, 2)}\n`;
}
