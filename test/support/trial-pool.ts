import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import type { Trial, TrialOptions } from './relay-trial.ts';

/** Plays histories in threads of their own, as many at once as the machine has cores. */
export interface TrialPool {
  play(options: TrialOptions): Promise<Trial>;
  close(): Promise<void>;
}

export function createTrialPool(): TrialPool {
  const workers = Array.from({ length: availableParallelism() }, startWorker);
  const idle = [...workers];
  const waiting: ((worker: Worker) => void)[] = [];

  async function take(): Promise<Worker> {
    return idle.pop() ?? (await new Promise((resolve) => waiting.push(resolve)));
  }

  function giveBack(worker: Worker): void {
    const next = waiting.shift();
    if (next) next(worker);
    else idle.push(worker);
  }

  return {
    async play(options) {
      const worker = await take();
      worker.postMessage(options);
      const [answer]: (Trial | Error)[] = await once(worker, 'message');
      giveBack(worker);
      if (answer && !(answer instanceof Error)) return answer;
      throw new Error(`playing seed ${options.seed} to the engine ${options.engine}`, { cause: answer });
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** Without what the test runner preloads into its own process. */
function startWorker(): Worker {
  return new Worker(new URL('trial-worker.ts', import.meta.url), { execArgv: [] });
}
