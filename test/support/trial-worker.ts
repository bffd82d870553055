import { parentPort } from 'node:worker_threads';

import { playTrial, type TrialOptions } from './relay-trial.ts';

// The thread in which `trial-pool.ts` plays histories, one after the other. It answers with a trial or an error.
parentPort?.on('message', async (options: TrialOptions) => {
  parentPort?.postMessage(await playTrial(options).catch((error: unknown) => error));
});
