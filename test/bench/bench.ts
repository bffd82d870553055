import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import { amplificationRows, amplificationTable } from './amplification.ts';
import { playedRows, playedTable } from './amplification-played.ts';
import { drainRows, drainTable } from './drain.ts';
import { largeDrainRows, largeDrainTable } from './drain-million.ts';
import { formatRows, formatsTable } from './formats.ts';
import { quietRows, quietTable } from './quiet.ts';
import { searchRows, searchTable } from './search.ts';
import { shipRows, shipTable } from './ship.ts';
import { startRows, startTable } from './start.ts';
import { statusRows, statusTable } from './status.ts';
import { steadyRows, steadyTable } from './steady.ts';

// `npm run bench -- [--rows NAME,…] [--findings N] [--sources N] [--seconds N] [--days N] [--json FILE]`.
// Compare ratios within one run, not figures of two machines: docs/benchmarks.md.

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: 'drain' },
    findings: { type: 'string' },
    sources: { type: 'string', default: '3000' },
    seconds: { type: 'string', default: '120' },
    days: { type: 'string', default: '28' },
    json: { type: 'string' },
  },
});

/** Each prints its table and answers with its figures. */
const ROWS: Readonly<Record<string, () => Promise<object>>> = {
  async drain() {
    const report = await drainRows(Number(values.findings ?? 20_000));
    const { findings, meanBytes, perSecond } = report;
    const limit = `limit: JSON.parse of the same bytes ${Math.round(perSecond)}/s`;
    process.stdout.write(`${findings} findings of ${meanBytes} bytes; ${limit}\n\n${drainTable(report)}\n`);
    return report;
  },
  async formats() {
    const rows = formatRows(Number(values.findings ?? 20_000));
    process.stdout.write(`findings of 4 KB, normalized and rendered\n\n${formatsTable(rows)}\n`);
    return rows;
  },
  async 'drain-million'() {
    const findings = Number(values.findings ?? 1_000_000);
    const rows = await largeDrainRows(findings);
    const lifted = 'no pace of our own; as JSON';
    process.stdout.write(
      `${findings} findings of 4 KB in one log group; ${lifted}\n\n${largeDrainTable(rows)}\n`,
    );
    return rows;
  },
  async steady() {
    const rows = await steadyRows(Number(values.seconds));
    const lifted = 'no pace of our own; every sweep on; batches wait 0.2 s';
    process.stdout.write(
      `${values.seconds} s of findings in one log group; ${lifted}\n\n${steadyTable(rows)}\n`,
    );
    return rows;
  },
  async start() {
    const rows = await startRows(Number(values.sources));
    process.stdout.write(`from the start of the process until ready\n\n${startTable(rows)}\n`);
    return rows;
  },
  async status() {
    const report = await statusRows();
    process.stdout.write(
      `${report.sources} sources in the store's file, each time a new process\n\n${statusTable(report)}\n`,
    );
    return report;
  },
  async ship() {
    const records = Number(values.findings ?? 50_000);
    const rows = await shipRows(records);
    process.stdout.write(`${records} records of 2 KB to one destination\n\n${shipTable(rows)}\n`);
    return rows;
  },
  async search() {
    const report = await searchRows(Number(values.findings ?? 1_000_000));
    const { findings, writtenPerSecond, drainedPerSecond } = report;
    const share = (100 * drainedPerSecond) / writtenPerSecond;
    process.stdout.write(
      `${findings} records in the index, written at ${Math.round(writtenPerSecond)}/s; ` +
        `of a drain at ${Math.round(drainedPerSecond)}/s that is ${share.toFixed(1)} %\n\n${searchTable(report)}\n`,
    );
    return report;
  },
  async amplification() {
    const plans = amplificationRows();
    process.stdout.write(`bytes read for each new one, by a model\n\n${amplificationTable(plans)}\n\n`);
    const played = await playedRows(Number(values.days));
    process.stdout.write(`the same of the agent itself, in virtual time\n\n${playedTable(played)}\n`);
    return { plans, played };
  },
  async quiet() {
    const rows = await quietRows({ sources: Number(values.sources), seconds: Number(values.seconds) });
    process.stdout.write(`${values.sources} quiet sources, polled every 60 s\n\n${quietTable(rows)}\n`);
    return rows;
  },
};

const names = values.rows.split(',');
const unknown = names.find((name) => !Object.hasOwn(ROWS, name));
if (unknown !== undefined)
  throw new Error(`no rows are called ${unknown}; there are ${Object.keys(ROWS).join(', ')}`);
process.stdout.write(`${cpus().length} cores, Node ${process.version}\n\n`);
const reports: Record<string, object> = {};
for (const name of names) reports[name] = (await ROWS[name]?.()) ?? {};
if (values.json) await writeFile(values.json, `${JSON.stringify(reports, null, 2)}\n`);
