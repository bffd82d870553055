import { randomBytes } from 'node:crypto';
import { access, constants, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { findRegion } from '../aws/regions.ts';
import { mistakesError } from '../config/load.ts';
import { parseConfig } from '../config/parse.ts';
import { addCustomer, destinationIds, emptyConfig } from '../config/starter/starter.ts';
import type { ScreenWishes } from '../console/terminal/screen.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../model/error.ts';
import { type Answers, askFive, type GivenAnswers } from './init-questions.ts';
import { type InitReport, reportInit } from './init-report.ts';
import { type Interview, openInterview } from './interview.ts';

interface InitArguments extends GivenAnswers, ScreenWishes {
  readonly config?: string | undefined;
  readonly out?: string | undefined;
  readonly yes: boolean;
}

const USUAL_FILE = 'guardrelay.yaml';
const USUAL_DATA_DIR = '/var/lib/guardrelay';
const SCHEMA = new URL('../../config/guardrelay.schema.json', import.meta.url);

/** Thrown when the person ends the questions: nothing has been written then. */
class Stopped extends Error {}

/** Asks what a first customer needs, and writes configuration and ExternalId. */
export async function initCustomer(argv: InitArguments): Promise<ExitCode> {
  const file = argv.out ?? argv.config ?? process.env.GUARDRELAY_CONFIG ?? USUAL_FILE;
  const interview = openInterview({
    ...{ silent: argv.yes, input: process.stdin, output: process.stderr },
    stopped: new Stopped(),
  });
  try {
    const present = await readPresent(file);
    if (present !== undefined) await agreeToAdd(interview, file, argv.yes);
    const text = present ?? (await emptyText(file));
    const answers = await askFive(interview, argv, destinationIds(text));
    reportInit(await write({ file, text, isNew: present === undefined }, answers), argv);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    process.stderr.write('\nStopped: nothing was written.\n');
    return EXIT.interrupted;
  } finally {
    interview.close();
  }
}

/** Undefined: there is none yet. A file that is not valid is told now, and stays as it is. */
async function readPresent(file: string): Promise<string | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    const parsed = parseConfig(text, process.env);
    if (parsed.kind === 'mistaken') throw mistakesError(file, parsed.mistakes);
    return text;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    if (error instanceof GuardrelayError) throw error;
    throw unusable(file, error);
  }
}

async function agreeToAdd(interview: Interview, file: string, yes: boolean): Promise<void> {
  const agreed = await interview.ask({
    text: `${file} is there already: add a customer to it?`,
    option: '--yes',
    given: yes ? 'yes' : undefined,
    read: (written) =>
      /^(y(es)?|no?)$/i.test(written)
        ? { kind: 'answer', answer: /^y/i.test(written) }
        : { kind: 'wrong', why: 'must be yes or no' },
  });
  if (!agreed) throw new Stopped();
}

async function emptyText(file: string): Promise<string> {
  const usable = await access(USUAL_DATA_DIR, constants.W_OK).then(
    () => true,
    () => false,
  );
  const dataDir = usable ? {} : { dataDir: join(dirname(resolve(file)), 'data') };
  return emptyConfig({ schema: fileURLToPath(SCHEMA), ...dataDir });
}

interface Draft {
  readonly file: string;
  readonly text: string;
  readonly isNew: boolean;
}

/** The secret first: a configuration never names what is not there. */
async function write({ file, text, isNew }: Draft, answers: Answers): Promise<InitReport> {
  const { destination, ...customer } = { ...answers, partition: partitionOf(answers) };
  const secretFile = join(dirname(resolve(file)), 'secrets', `${customer.id}-external-id`);
  const next = addCustomer(text, { ...customer, externalId: `file:${secretFile}` }, destination);
  const parsed = parseConfig(next, process.env);
  if (parsed.kind === 'mistaken') throw mistakesError(`${file}, with ${customer.id} added,`, parsed.mistakes);
  const made = await writeSecret(secretFile);
  await replace(file, next, isNew);
  const entry = parsed.config.customers.find(({ id }) => id === customer.id);
  const shown = relative(process.cwd(), secretFile);
  return {
    file,
    isNew,
    customer: customer.id,
    account: customer.account,
    destination: entry?.destinations[0]?.id ?? '',
    externalIdFile: shown.startsWith('..') ? secretFile : shown,
    externalIdIsNew: made,
    ...(typeof destination !== 'string' && { recognized: destination }),
  };
}

/** Regions that are not named are those of the standard partition. */
function partitionOf({ regions }: Answers): string {
  const [first = ''] = typeof regions === 'string' ? [] : regions;
  return findRegion(first)?.partition ?? 'aws';
}

/** False: there is one, which the customer's role may demand already. */
async function writeSecret(file: string): Promise<boolean> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, `${randomBytes(16).toString('hex')}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw unusable(file, error);
  }
}

/** Whole or not at all; a file that has appeared meanwhile is not overwritten. */
async function replace(file: string, text: string, isNew: boolean): Promise<void> {
  try {
    if (isNew) await writeFile(file, text, { flag: 'wx' });
    else {
      await writeFile(`${file}.new`, text, { flag: 'w' });
      await rename(`${file}.new`, file);
    }
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, cause: unknown): GuardrelayError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new GuardrelayError('CFG-006', `Writing ${file} failed: ${why}`, {
    exitCode: EXIT.usage,
    fix: 'Name a file in a folder that you may write to with --out FILE.',
    cause,
  });
}
