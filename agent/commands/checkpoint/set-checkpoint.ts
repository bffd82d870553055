import { randomUUID } from 'node:crypto';

import { carryOut, type Move, movesTo } from '../../checkpoint/move.ts';
import type { Saved, SourceStatus } from '../../checkpoint/store.ts';
import { loadConfig } from '../../config/load.ts';
import { type ScreenWishes, screenFor } from '../../console/terminal/screen.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../../model/error.ts';
import { ask } from '../ask.ts';
import { instantOf } from '../instant.ts';
import { selectCustomers } from '../select-customers.ts';
import { stopSignal } from '../stop-signal.ts';
import { changeStore, heldByAgent } from '../store/change-store.ts';
import { readStore } from '../store/read-store.ts';
import { statusesOf } from '../store/stored-statuses.ts';
import { findSource } from './find-source.ts';
import { printMoves, tellMoves } from './move-report.ts';

export interface SetArguments extends ScreenWishes {
  readonly config?: string | undefined;
  readonly customer?: readonly string[] | undefined;
  readonly source: string;
  readonly dest?: string | undefined;
  readonly to: string;
  readonly yes: boolean;
  readonly quiet: boolean;
}

/** Moves the position of one source at one destination or all of them, back or forward in time. */
export async function setCheckpoint(argv: SetArguments): Promise<ExitCode> {
  const { agent } = selectCustomers(await loadConfig(argv.config, process.env), argv.customer);
  const now = systemClock.now();
  const to = positionOf(argv.to, now);
  const statuses = await readStore(agent.dataDir, (store) => statusesOf(store, argv.customer));
  const { spec, ...saved } = readSource(findSource(statuses, argv.source));
  const moves = movesTo(saved, destinationsOf(saved, argv.dest), to);
  if (!(argv.yes && argv.quiet)) tellMoves(spec, moves);
  if (!(await isAgreed(argv, spec.account, moves))) return EXIT.interrupted;
  const owner = `${agent.id}-set-${randomUUID()}`;
  const result = await changeStore(agent.dataDir, (store) =>
    carryOut(store, { spec, moves }, { owner, now }),
  );
  if (result.kind === 'held') throw heldByAgent(result.holders);
  if (result.kind === 'outdated') throw outdated(spec.source);
  printMoves({ spec, moves, now }, screenFor(argv, process.env, process.stdout));
  return EXIT.done;
}

/** To send again costs the destination repeats; what is skipped is gone for it, so that has to be typed. */
async function isAgreed({ yes }: SetArguments, account: string, moves: readonly Move[]): Promise<boolean> {
  if (yes || moves.every(({ direction }) => direction === 'back')) return true;
  return (await ask(`Type the account id (${account}) to skip this: `, stopSignal())) === account;
}

/** `-24h` and `24h` both end now. */
function positionOf(text: string, now: number): number {
  const to = text === 'now' ? now : instantOf('to', text.replace(/^-/, ''), now);
  if (to <= now) return to;
  throw new GuardrelayError(
    'CLI-001',
    `--to ${text} lies ahead: events that are still to come cannot be skipped`,
    {
      exitCode: EXIT.usage,
      fix: 'Name a time that has passed, or now.',
    },
  );
}

/** Only what was read before has a position to be moved. */
function readSource({ spec, saved }: SourceStatus): Saved & Pick<SourceStatus, 'spec'> {
  if (saved) return { spec, ...saved };
  throw new GuardrelayError('CLI-001', `${spec.source} was never read, so it has no position`, {
    exitCode: EXIT.usage,
    fix: 'Set where it begins with collect.startAt in the configuration.',
  });
}

function destinationsOf({ positions }: Saved, wanted: string | undefined): readonly string[] {
  const known = positions.map(({ destination }) => destination);
  if (wanted === undefined) return known;
  if (known.includes(wanted)) return [wanted];
  throw new GuardrelayError('CLI-001', `The source has no position for a destination "${wanted}"`, {
    exitCode: EXIT.usage,
    fix: `Name one of: ${known.join(', ')}`,
  });
}

function outdated(source: string): GuardrelayError {
  return new GuardrelayError(
    'AGT-003',
    `changing the checkpoint of ${source}: it has moved on since it was shown. Nothing was changed`,
    {
      exitCode: EXIT.attention,
      fix: 'Repeat the command, and look at what it says.',
    },
  );
}
