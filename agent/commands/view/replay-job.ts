import type { ReplayWish } from '../../console/job-desk.ts';
import { replay } from '../../relay/replay.ts';
import { selectDestination } from '../select-destination.ts';
import { openOneOff } from '../session/one-off-session.ts';
import type { JobWork } from './jobs.ts';
import type { JobParts } from './test-job.ts';

/** `guardrelay replay` of one source, in the agent. */
export function replayJob({ config, endpointUrl, ownCredentials }: JobParts): JobWork<ReplayWish> {
  return async ({ place, from, to, destination, dryRun }, tell, stop) => {
    const chosen = selectDestination(config, destination);
    const customers = chosen.customers.filter(({ id }) => id === place.customer);
    await using session = await openOneOff({ ...chosen, customers }, endpointUrl, ownCredentials);
    const { sources } = await session.discover(stop);
    const wanted = sources.filter(
      ({ account, region, logGroup }) =>
        account === place.account && region === place.region && logGroup === place.logGroup,
    );
    tell({ kind: 'found', text: `${wanted.length} log group` });
    const replayed = await replay(
      { ...session, sources: wanted, customers, window: { from, to }, dryRun, random: Math.random },
      stop,
    );
    const undelivered = replayed.flatMap(({ dispatched }) =>
      [...dispatched].map(([id, { undelivered }]) => ({ id, undelivered })),
    );
    for (const { id, undelivered: count } of undelivered) {
      tell({ kind: 'dispatched', text: count === 0 ? `${id} has them all` : `${id} has not got ${count}` });
    }
    const records = replayed.reduce((sum, each) => sum + each.records, 0);
    const failure = replayed.find((each) => each.failure)?.failure;
    const isGood =
      replayed.every(({ isComplete }) => isComplete) &&
      undelivered.every(({ undelivered }) => undelivered === 0);
    const done = `${dryRun ? 'to be sent' : 'sent again'}: ${records}`;
    return { isGood, result: `Records ${failure ? `${done}; ${failure.code} ${failure.error}` : done}.` };
  };
}
