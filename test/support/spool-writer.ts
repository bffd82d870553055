import { silentLogger } from '../../agent/model/logger.ts';
import { createSegments } from '../../agent/spool/segments.ts';
import { largeEventOf } from './spooled-events.ts';

// Appends batches without end and tells of each after it was acknowledged, until it is killed.
const [folder = '', from = '0'] = process.argv.slice(2);
const room = { left: () => Number.POSITIVE_INFINITY, holds: () => {} };
const spool = createSegments({ folder, room, logger: silentLogger });
await spool.refresh();
process.stdout.write('ready\n');
for (let number = Number(from); ; number += 1) {
  await spool.append([largeEventOf(number)], { from: number, until: number + 1 });
  process.stdout.write(`${number}\n`);
}
