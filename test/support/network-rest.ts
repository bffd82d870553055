import { subscribe } from 'node:diagnostics_channel';
import { setImmediate } from 'node:timers/promises';

// What follows an answer (decoding, a write to the store, the next request) takes a few turns without a request.
const QUIET_TURNS = 6;
/** A request that nobody answers must not hold time up for ever. */
const MOST_TURNS = 20_000;

let open = 0;
subscribe('undici:request:create', () => {
  open += 1;
});
for (const end of ['undici:request:trailers', 'undici:request:error']) {
  subscribe(end, () => {
    open -= 1;
  });
}

/** Resolves when no HTTP request of this process is under way and none has followed for a few turns. */
export async function networkRest(): Promise<void> {
  let quiet = 0;
  for (let turn = 0; turn < MOST_TURNS && quiet < QUIET_TURNS; turn += 1) {
    await setImmediate();
    quiet = open > 0 ? 0 : quiet + 1;
  }
}
