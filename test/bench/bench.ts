import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import { drainRows, drainTable } from './drain.ts';
import { quietRows, quietTable } from './quiet.ts';

// `npm run bench -- [--rows drain,quiet] [--findings N] [--sources N] [--seconds N] [--json FILE]`.
// Compare ratios within one run, not figures of two machines: docs/benchmarks.md.

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: 'drain' },
    findings: { type: 'string', default: '20000' },
    sources: { type: 'string', default: '3000' },
    seconds: { type: 'string', default: '120' },
    json: { type: 'string' },
  },
});

/** Each prints its table and answers with its figures. */
const ROWS: Readonly<Record<string, () => Promise<object>>> = {
  async drain() {
    const report = await drainRows(Number(values.findings));
    const { findings, meanBytes, perSecond } = report;
    const limit = `limit: JSON.parse of the same bytes ${Math.round(perSecond)}/s`;
    process.stdout.write(`${findings} findings of ${meanBytes} bytes; ${limit}\n\n${drainTable(report)}\n`);
    return report;
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
