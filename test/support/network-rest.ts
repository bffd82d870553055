import { subscribe } from 'node:diagnostics_channel';
import { setImmediate } from 'node:timers/promises';

// What follows an answer (decoding, a write to the store, the next request) takes a few turns without a request.
const QUIET_TURNS = 6;
/** A request that nobody answers holds time up for so long, once; one that waits for a thread on a busy machine is shorter. */
const PATIENCE_MS = 1_000;

const open = new Set<unknown>();
let changedAt = 0;

subscribe('undici:request:create', (message) => {
  open.add(requestOf(message));
  changedAt = performance.now();
});
for (const end of ['undici:request:trailers', 'undici:request:error']) {
  subscribe(end, (message) => {
    open.delete(requestOf(message));
    changedAt = performance.now();
  });
}

function requestOf(message: unknown): unknown {
  return (message as { readonly request: unknown }).request;
}

/** Resolves when no HTTP request of this process is under way and none has followed for a few turns. */
export async function networkRest(): Promise<void> {
  for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
    await setImmediate();
    if (open.size === 0) continue;
    if (performance.now() - changedAt > PATIENCE_MS) open.clear();
    quiet = -1;
  }
}
