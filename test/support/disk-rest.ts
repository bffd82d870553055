import { networkRest } from './network-rest.ts';

/** A disk that does not answer must not hold time up for ever. */
const MOST_RESTS = 2_000;

/** Resolves when, beside no HTTP request, no call to the file system is under way. */
export async function diskRest(): Promise<void> {
  for (let rest = 0; rest < MOST_RESTS; rest += 1) {
    await networkRest();
    if (!process.getActiveResourcesInfo().includes('FSReqPromise')) return;
  }
}
