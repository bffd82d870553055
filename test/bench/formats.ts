import { renderTable } from '../../agent/console/terminal/table.ts';
import { FORMAT_NAMES } from '../../agent/model/format.ts';
import { isRenderable, type RenderableRec } from '../../agent/model/record.ts';
import { formatNamed } from '../../agent/normalize/formats/index.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import { createFindings } from './findings.ts';
import { createCpuMeter } from './meter.ts';

// What a finding costs on its way from the text of a log event to that of each format; no I/O, one core.

const LEAST_BYTES = 4_096;
const MAX_BYTES = 1_048_576;
const MICROSECONDS = 1_000_000;
const RULE = { heartbeatRule: 'guardrelay-heartbeat' };
const SOURCE = {
  customer: 'bench',
  account: '111111111111',
  region: 'us-east-1',
  partition: 'aws',
  logGroup: '/aws/events/guardrelay',
};

/** CPU time of one finding, user and system. */
export interface FormatRow {
  readonly format: string;
  readonly renderMicroseconds: number;
  /** Normalized and rendered. */
  readonly perCoreSecond: number;
  /** The same by `JSON.parse` of the same text. */
  readonly timesParse: number;
}

export function formatRows(findings: number): readonly FormatRow[] {
  const messageOf = createFindings(LEAST_BYTES);
  const texts = Array.from({ length: findings }, (_, index) => messageOf(index));
  const parse = microsecondsOf(texts, (text) => JSON.parse(text));
  const normalizing = microsecondsOf(texts, recordOf);
  const records = texts.map(recordOf);
  return FORMAT_NAMES.map((format) => {
    const { render } = formatNamed(format);
    const rendering = microsecondsOf(records, (record) => render(record, MAX_BYTES));
    const both = normalizing + rendering;
    return {
      format,
      renderMicroseconds: rendering,
      perCoreSecond: MICROSECONDS / both,
      timesParse: both / parse,
    };
  });
}

function recordOf(message: string): RenderableRec {
  const times = { timestamp: 1_784_746_037_000, ingestionTime: 1_784_746_039_000 };
  const [record] = normalize({ id: 'bench', stream: 'bench', message, ...times }, SOURCE, RULE);
  if (!record || !isRenderable(record)) throw new Error('a finding of the benchmark is none');
  return record;
}

/** The first round is not counted: it compiles. */
function microsecondsOf<T>(items: readonly T[], work: (item: T) => unknown): number {
  items.forEach(work);
  const cpuSeconds = createCpuMeter();
  items.forEach(work);
  return (cpuSeconds() * MICROSECONDS) / items.length;
}

export function formatsTable(rows: readonly FormatRow[]): string {
  return renderTable<FormatRow>(
    {
      rows,
      columns: [
        { title: 'FORMAT', text: ({ format }) => format },
        { title: 'RENDER µS', text: (row) => row.renderMicroseconds.toFixed(1), align: 'right' },
        { title: 'FINDINGS/S A CORE', text: (row) => row.perCoreSecond.toFixed(0), align: 'right' },
        { title: 'TIMES PARSE', text: (row) => row.timesParse.toFixed(1), align: 'right' },
      ],
    },
    { width: 100, color: false },
  );
}
