import { listQuarantine, type StandingRecord } from '../../ship/quarantine-list.ts';

/** How much stands in quarantine and under which codes; never a record, nor what was said of one. */
export async function quarantineSummary(folder: string): Promise<object> {
  const { records, files } = await listQuarantine(folder);
  const byDestination = Map.groupBy(records, ({ destination }) => destination);
  return {
    records: records.length,
    destinations: Object.fromEntries([...byDestination].map(([id, each]) => [id, summaryOf(each)])),
    files,
  };
}

function summaryOf(records: readonly StandingRecord[]): object {
  const times = records.map(({ at }) => at).toSorted();
  return {
    records: records.length,
    bytes: records.reduce((sum, { rawBytes }) => sum + rawBytes, 0),
    oldest: times[0],
    newest: times.at(-1),
    refusals: records.reduce((sum, { refusals }) => sum + refusals, 0),
    kinds: counted(records.map(({ kind }) => kind)),
    codes: counted(records.map(({ code = 'none' }) => code)),
  };
}

function counted(names: readonly string[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(names, (name) => name);
  return Object.fromEntries([...groups].map(([name, each]) => [name, each.length]));
}
