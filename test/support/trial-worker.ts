import { parentPort } from 'node:worker_threads';

import { playTrial } from './relay-trial.ts';

// The thread in which `trial-pool.ts` plays histories, one after the other.
parentPort?.on('message', async (options) => parentPort?.postMessage(await playTrial(options)));
