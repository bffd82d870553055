import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, GuardrelayError } from '../../model/error.ts';
import { quarantineFolder } from '../../ship/quarantine.ts';
import { destinationOf } from '../../ship/quarantine-files.ts';
import { listQuarantine, type QuarantineList, type StandingRecord } from '../../ship/quarantine-list.ts';
import { instantOf } from '../instant.ts';
import { selectCustomers } from '../select-customers.ts';
import { unknownDestination } from '../select-destination.ts';

/** Which records a command is about; what is absent means all. */
export interface QuarantineFilters {
  readonly config?: string | undefined;
  readonly customer?: readonly string[] | undefined;
  readonly dest?: string | undefined;
  readonly account?: string | undefined;
  readonly since?: string | undefined;
}

export interface Selected extends QuarantineList {
  readonly config: Config;
}

/** What stands in quarantine and passes the filters, also of destinations that are configured no longer. */
export async function selectQuarantined(filters: QuarantineFilters): Promise<Selected> {
  const config = await loadConfig(filters.config, process.env);
  selectCustomers(config, filters.customer);
  const { records, files } = await listQuarantine(quarantineFolder(config.agent.dataDir));
  refuseUnknown(filters.dest, config, files);
  const isOf = ({ path }: { path: string }): boolean =>
    [undefined, destinationOf(path)].includes(filters.dest);
  return { config, files: files.filter(isOf), records: records.filter(passing(filters)) };
}

function passing({ customer, dest, account, since }: QuarantineFilters): (record: StandingRecord) => boolean {
  const sinceMs = since === undefined ? 0 : instantOf('since', since, systemClock.now());
  return (record) => {
    const { source } = record.origin ?? {};
    const accounts = [record.account, source?.account];
    return (
      (dest === undefined || dest === record.destination) &&
      (customer === undefined || customer.includes(source?.customer ?? '')) &&
      (account === undefined || accounts.includes(account)) &&
      Date.parse(record.at) >= sinceMs
    );
  };
}

function refuseUnknown(dest: string | undefined, config: Config, files: QuarantineList['files']): void {
  const ids = [...config.destinations.map(({ id }) => id), ...files.map(({ path }) => destinationOf(path))];
  if (dest === undefined || ids.includes(dest)) return;
  throw unknownDestination(dest, [...new Set(ids)]);
}

/** The records that these names mean: whole ids, or beginnings that only one record has. */
export function recordsNamed(
  names: readonly string[],
  records: readonly StandingRecord[],
): readonly StandingRecord[] {
  return [...new Set(names.map((name) => recordNamed(name, records)))];
}

function recordNamed(name: string, records: readonly StandingRecord[]): StandingRecord {
  const found = records.filter(({ id }) => name !== '' && id.startsWith(name));
  const [only, ...others] = found;
  if (only && others.length === 0) return only;
  const what = only
    ? `${found.length} records in quarantine have ids that begin with ${name}`
    : `No record in quarantine has an id that begins with ${name}`;
  throw new GuardrelayError('CLI-001', what, {
    exitCode: EXIT.usage,
    fix: 'See the ids with: guardrelay quarantine list. Records that were released stand there no longer.',
  });
}
