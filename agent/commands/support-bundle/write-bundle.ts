import { writeFile } from 'node:fs/promises';

import { loadConfig } from '../../config/load.ts';
import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import { printable } from '../../console/terminal/printable.ts';
import { type Screen, type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../../model/error.ts';
import { ask } from '../ask.ts';
import { askAgent } from '../ask-agent.ts';
import { bytesText } from '../bytes-text.ts';
import { surveyOptions } from '../doctor/run-doctor.ts';
import { survey } from '../doctor/survey.ts';
import { stopSignal } from '../stop-signal.ts';
import { type Bundle, collectBundle } from './bundle.ts';
import { maskOf } from './known-secrets.ts';
import { type ArchivedFile, archive } from './tar.ts';

interface BundleArguments extends ScreenWishes {
  readonly config?: string | undefined;
  readonly out?: string | undefined;
  readonly doctor: boolean;
  readonly yes: boolean;
  readonly quiet: boolean;
  readonly endpointUrl?: string | undefined;
}

/** Shows what would be written, asks, and writes it to a new file that its owner alone may read. */
export async function writeBundle(argv: BundleArguments): Promise<ExitCode> {
  const config = await loadConfig(argv.config, process.env);
  const stop = stopSignal();
  const clock = systemClock;
  const now = clock.now();
  const { config: file, quiet, endpointUrl } = argv;
  const examine = async () => survey(await surveyOptions({ config: file, quiet, endpointUrl, send: false }));
  const metrics = async () => (await askAgent(config, '/metrics', stop)).text();
  const sources = { config, env: process.env, clock, metrics, examine: argv.doctor ? examine : undefined };
  const bundle = await collectBundle(sources, await maskOf(config, process.env));
  if (stop.aborted) return EXIT.interrupted;
  const path = argv.out ?? `guardrelay-support-${stampOf(now)}.tgz`;
  const screen = screenFor(argv, process.env, process.stdout);
  process.stdout.write(renderListing(listing(bundle, path, now), screen));
  tellMissing(bundle, screen);
  if (!(argv.yes || (await isAgreed(path, stop)))) return stop.aborted ? EXIT.interrupted : EXIT.done;
  const bytes = archive(bundle.files, now);
  await writeNew(path, bytes);
  if (!quiet) process.stderr.write(`Written: ${printable(path)}, ${bytesText(bytes.length)}, mode 600.\n`);
  return EXIT.done;
}

function stampOf(now: number): string {
  return new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').concat('Z');
}

function listing({ files, missing }: Bundle, path: string, now: number): Listing<ArchivedFile> {
  return {
    name: 'support-bundle',
    generatedAt: now,
    summary: { path, missing },
    rows: files,
    columns: [
      { title: 'FILE', text: ({ name }) => name },
      { title: 'SIZE', text: ({ content }) => bytesText(content.length), align: 'right' },
    ],
    json: ({ name, content }) => ({ name, bytes: content.length }),
  };
}

function tellMissing({ missing }: Bundle, { output }: Screen): void {
  if (output === 'json' || output === 'ndjson') return;
  for (const { name, why } of missing)
    process.stderr.write(printable(`without ${name}: ${why}`).concat('\n'));
}

async function isAgreed(path: string, stop: AbortSignal): Promise<boolean> {
  return /^y(es)?$/i.test(await ask(`Write this to ${printable(path)}? (y/N) `, stop));
}

async function writeNew(path: string, bytes: Buffer): Promise<void> {
  await writeFile(path, bytes, { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    const said = error instanceof Error ? error.message : String(error);
    throw new GuardrelayError('CLI-001', `writing the bundle ${path}: ${said}`, {
      exitCode: EXIT.usage,
      fix: 'Name a new file with --out, in a directory that you may write to.',
      cause: error,
    });
  });
}
