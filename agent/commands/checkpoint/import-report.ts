import type { ImportedSource, ImportStep } from '../../checkpoint/transfer/import.ts';
import type { Header } from '../../checkpoint/transfer/lines.ts';
import type { Config } from '../../config/config.ts';
import { spanText } from '../../console/terminal/age.ts';
import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import { printable } from '../../console/terminal/printable.ts';
import type { Screen } from '../../console/terminal/screen.ts';

interface ImportReport {
  readonly document: Header;
  readonly sources: readonly ImportedSource[];
  readonly config: Config;
  readonly now: number;
}

/** A row per source on stdout; what a person should know beside it on stderr. */
export function printImport(report: ImportReport, screen: Screen): void {
  process.stdout.write(renderListing(listing(report), screen));
  for (const line of closing(report)) process.stderr.write(`${printable(line)}\n`);
}

function listing({ document, sources, config, now }: ImportReport): Listing<ImportedSource> {
  const { generatedAt: exportedAt, agentId } = document;
  return {
    name: 'checkpoint-import',
    generatedAt: now,
    summary: { exportedAt, exportedBy: agentId, ...countsOf(sources) },
    rows: sources,
    columns: [
      { title: 'CUSTOMER', text: ({ spec }) => spec.customer },
      { title: 'ACCOUNT', text: ({ spec }) => spec.account },
      { title: 'REGION', text: ({ spec }) => spec.region },
      { title: 'LOG GROUP', text: ({ spec }) => spec.logGroup, minTerminal: 120 },
      { title: 'RESULT', text: ({ result }) => result },
      { title: 'EVENT IDS', text: ({ finishedCount }) => String(finishedCount), align: 'right' },
    ],
    remark: { title: 'REMARK', text: (source) => remarksOf(source, config).join('; ') },
    json: ({ spec, steps, ...source }) => ({
      ...{ ...spec, ...source, destinations: steps.map(stepJson) },
      remarks: remarksOf({ spec, steps, ...source }, config),
    }),
  };
}

function remarksOf(source: ImportedSource, config: Config): readonly string[] {
  return [...moveRemarks(source), ...strangerRemarks(source, config)];
}

function moveRemarks({ result, steps }: ImportedSource): readonly string[] {
  if (result === 'taken') return ['an agent took it meanwhile: import again'];
  return steps.flatMap(({ destination, from, to }) => {
    if (from === undefined || from === to) return [];
    const span = spanText(Math.abs(to - from));
    if (to > from)
      return result === 'kept'
        ? []
        : [`${destination} goes on ${span}: what lies between counts as delivered`];
    if (result === 'kept') return [`${destination} is ${span} further here`];
    return [`${destination} goes back ${span}: what it got since is sent again`];
  });
}

/** What the configuration of this machine does not know. */
function strangerRemarks(
  { spec, steps }: ImportedSource,
  { customers, destinations }: Config,
): readonly string[] {
  if (!customers.some(({ id }) => id === spec.customer))
    return ['its customer is not in the configuration: not read'];
  return steps
    .filter(({ destination }) => !destinations.some(({ id }) => id === destination))
    .map(({ destination }) => `${destination} is not in the configuration: its position waits`);
}

function stepJson({ destination, from, to }: ImportStep): object {
  return { destination, from: from === undefined ? undefined : iso(from), to: iso(to) };
}

function countsOf(sources: readonly ImportedSource[]) {
  const count = (result: ImportedSource['result']): number =>
    sources.filter((source) => source.result === result).length;
  return { new: count('new'), replaced: count('replaced'), kept: count('kept'), taken: count('taken') };
}

function closing({ document, sources }: ImportReport): readonly string[] {
  const { new: added, replaced, kept, taken } = countsOf(sources);
  const counts = [
    `${added} new`,
    `${replaced} replaced`,
    `${kept} kept`,
    ...(taken > 0 ? [`${taken} taken by an agent`] : []),
  ];
  return [
    `${counts.join(', ')}. As of ${document.generatedAt}: what ${document.agentId} delivered later is sent again.`,
    ...(kept > 0 ? ['What is kept is further here than in the document; --replace overwrites it.'] : []),
  ];
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
