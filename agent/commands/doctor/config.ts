import type { Config } from '../../config/config.ts';
import { type ConfigPath, pathText } from '../../config/mistake.ts';
import { openSecretFiles } from '../../config/secret-files.ts';
import { retentionFault } from '../../config/warnings.ts';
import { type Check, type CheckResult, PASSED, runChecks } from '../../deploy/checks/check.ts';
import { quoted } from '../../deploy/cli-commands.ts';
import type { Agenda } from './agenda.ts';
import type { CheckRow } from './rows.ts';

/** What is valid and yet unwise. What is not valid ends every command before it begins. */
export const CONFIG_CHECKS: readonly Check<Config>[] = [
  { code: 'CFG-008', applies: () => true, run: checkRetention },
  { code: 'CFG-009', applies: () => true, run: checkSecretFiles },
];

/** The checks of the configuration that the agenda wants. */
export function examineConfig(
  config: Config,
  { only, agenda }: { readonly only: readonly string[]; readonly agenda: Agenda },
): Promise<readonly CheckRow[]> {
  const due = CONFIG_CHECKS.filter(({ code }) => only.includes(code) && agenda.wants(code, {}));
  return runChecks(due, config);
}

async function checkRetention(config: Config): Promise<CheckResult> {
  const faults = config.customers.flatMap((customer) => {
    const fault = retentionFault(customer);
    return fault === undefined ? [] : [`stack.retentionDays of ${customer.id} ${fault}`];
  });
  if (faults.length === 0) return PASSED;
  return {
    kind: 'warned',
    code: 'CFG-008',
    found: faults.join('; '),
    fix: 'Set stack.retentionDays to 30, then: guardrelay deploy',
  };
}

async function checkSecretFiles(config: Config): Promise<CheckResult> {
  const open = await openSecretFiles(config);
  if (open.length === 0) return PASSED;
  const texts = open.map(({ path, file, mode }) => `${file} (mode ${mode}, ${ownedPath(config, path)})`);
  return {
    kind: 'warned',
    code: 'CFG-009',
    found: `others on this host may read ${texts.join(', ')}`,
    fix: `chmod 600 ${[...new Set(open.map(({ file }) => quoted(file)))].join(' ')}`,
  };
}

/** By the id of the customer: its place in the list says nothing where customers have files, or some were chosen. */
function ownedPath({ customers }: Config, path: ConfigPath): string {
  const [list, at, ...own] = path;
  const customer = list === 'customers' && typeof at === 'number' ? customers[at] : undefined;
  return customer ? `${pathText(own)} of ${customer.id}` : pathText(path);
}
