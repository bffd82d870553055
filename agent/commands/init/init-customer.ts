import { access, constants } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { findRegion } from '../../aws/regions.ts';
import { destinationIds, emptyConfig } from '../../config/starter/starter.ts';
import type { ScreenWishes } from '../../console/terminal/screen.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { drawUp, judgeDrawn, readWritten, type Written } from './draft.ts';
import { createFile, createSecret, replaceFile } from './files.ts';
import { type Interview, openInterview } from './interview.ts';
import { type Answers, askFive, type GivenAnswers } from './questions.ts';
import { type InitReport, reportInit } from './report.ts';

interface InitArguments extends GivenAnswers, ScreenWishes {
  readonly config?: string | undefined;
  readonly out?: string | undefined;
  readonly yes: boolean;
}

const USUAL_FILE = 'guardrelay.yaml';
const USUAL_DATA_DIR = '/var/lib/guardrelay';
const SCHEMA = new URL('../../../config/guardrelay.schema.json', import.meta.url);

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
    const present = await readWritten(file);
    if (present) await agreeToAdd(interview, present, argv.yes);
    const before = present ?? { file, text: await emptyText(file), customerFiles: [] };
    const answers = await askFive(interview, argv, destinationIds(before.text));
    reportInit(await write({ file, isNew: !present, before }, answers), argv);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    process.stderr.write('\nStopped: nothing was written.\n');
    return EXIT.interrupted;
  } finally {
    interview.close();
  }
}

async function agreeToAdd(interview: Interview, { file, folder }: Written, yes: boolean): Promise<void> {
  const where = folder === undefined ? 'to it' : `in ${folder}`;
  const agreed = await interview.ask({
    text: `${file} is there already: add a customer ${where}?`,
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
  readonly isNew: boolean;
  readonly before: Written;
}

/** The secret first, then the destination: no file ever names what is not there. */
async function write({ file, isNew, before }: Draft, answers: Answers): Promise<InitReport> {
  const { destination, ...customer } = { ...answers, partition: partitionOf(answers) };
  const secretFile = join(dirname(resolve(file)), 'secrets', `${customer.id}-external-id`);
  const drawn = drawUp(before, { ...customer, externalId: `file:${secretFile}` }, destination);
  const config = judgeDrawn(drawn, customer.id);
  const made = await createSecret(secretFile);
  if (isNew) await createFile(file, drawn.text);
  else if (drawn.text !== before.text) await replaceFile(file, drawn.text);
  if (drawn.own) await createFile(drawn.own.file, drawn.own.text);
  const entry = config.customers.find(({ id }) => id === customer.id);
  const shown = relative(process.cwd(), secretFile);
  return {
    file,
    isNew,
    ...(drawn.own && { customerFile: drawn.own.file }),
    customer: customer.id,
    account: customer.account,
    destination: entry?.destinations[0]?.id ?? '',
    destinationIsNew: config.destinations.length > destinationIds(before.text).length,
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
