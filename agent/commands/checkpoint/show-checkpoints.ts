import type { SourceStatus } from '../../checkpoint/store.ts';
import { loadConfig } from '../../config/load.ts';
import { spanText } from '../../console/terminal/age.ts';
import { type Listing, renderListing } from '../../console/terminal/listing.ts';
import { screenFor } from '../../console/terminal/screen.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import type { Position, SourceState } from '../../model/position.ts';
import type { RunArguments } from '../run/run-agent.ts';
import { selectCustomers } from '../select-customers.ts';
import { readStore } from '../store/read-store.ts';
import { statusesOf } from '../store/stored-statuses.ts';

type CheckpointArguments = Omit<RunArguments, 'timeout' | 'endpointUrl'>;

interface Row {
  readonly status: SourceStatus;
  readonly state: SourceState;
  readonly position: Position;
}

/** How far each destination has finished each source, sources that are no longer configured included. */
export async function listCheckpoints(argv: CheckpointArguments): Promise<ExitCode> {
  const { agent } = selectCustomers(await loadConfig(argv.config, process.env), argv.customer);
  const statuses = await readStore(agent.dataDir, (store) => statusesOf(store, argv.customer));
  const screen = screenFor(argv, process.env, process.stdout);
  process.stdout.write(renderListing(checkpointListing(statuses, systemClock.now()), screen));
  return EXIT.done;
}

/** Every position of these sources. */
export function checkpointListing(statuses: readonly SourceStatus[], now: number): Listing<Row> {
  return {
    name: 'checkpoint',
    generatedAt: now,
    summary: { sources: statuses.length, neverRead: statuses.filter(({ saved }) => !saved).length },
    rows: statuses.flatMap(rowsOf),
    columns: [
      { title: 'CUSTOMER', text: ({ status }) => status.spec.customer },
      { title: 'ACCOUNT', text: ({ status }) => status.spec.account },
      { title: 'REGION', text: ({ status }) => status.spec.region },
      { title: 'DESTINATION', text: ({ position }) => position.destination },
      { title: 'FLOOR (UTC)', text: ({ position }) => iso(position.floor) },
      { title: 'LAG', text: ({ position }) => spanText(lagMs(position, now)), align: 'right' },
      { title: 'MODE', text: ({ position }) => position.mode },
      { title: 'GRADE', text: ({ position }) => position.grade },
      { title: 'UPDATED (UTC)', text: ({ position }) => iso(position.updatedAt) },
    ],
    remark: { title: 'REMARK', text: ({ status }) => (status.enabled ? '' : 'not read now') },
    json: (row) => rowJson(row, now),
  };
}

function rowsOf(status: SourceStatus): readonly Row[] {
  const { saved } = status;
  return saved ? saved.positions.map((position) => ({ status, position, state: saved.state })) : [];
}

/** How far back a restart begins to read. */
function lagMs({ floor }: Position, now: number): number {
  return Math.max(0, now - floor);
}

function rowJson({ status, position, state }: Row, now: number): object {
  const { destination, floor, mode, grade, updatedAt } = position;
  return {
    ...{ ...status.spec, enabled: status.enabled, destination, mode, grade },
    ...{ floor: iso(floor), floorLagMs: lagMs(position, now), updatedAt: iso(updatedAt) },
    lastReadAt: iso(state.lastReadAt),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
