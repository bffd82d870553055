import { writeFile } from 'node:fs/promises';

import type { ResolvedCustomer } from '../../config/config.ts';
import { costText } from '../../deploy/cost.ts';
import { changes, type DeployPlan } from '../../deploy/plan.ts';
import { planText } from '../../deploy/plan-text.ts';
import { previewDeployment } from '../../deploy/preview.ts';
import { plannedRows } from '../../deploy/rows.ts';
import { planDocument } from '../../deploy/saved-plan.ts';
import { systemClock } from '../../model/clock.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { type DeployerOptions, visitCustomers } from '../deploy/deployer.ts';
import { createDeployOutput } from '../deploy/output.ts';
import { type DeployWishes, wishedRequest } from '../deploy/wishes.ts';

export interface PlanCustomersOptions extends DeployerOptions, DeployWishes {
  readonly out?: string | undefined;
  readonly detailedExitcode: boolean;
}

/** Shows what deploy would do for each selected customer. */
export async function planCustomers(options: PlanCustomersOptions): Promise<ExitCode> {
  const output = createDeployOutput('plan', options);
  const plans: DeployPlan[] = [];
  const code = await visitCustomers('plan', options, async (visit) => {
    const { plan, busy } = await previewDeployment(await wishedRequest(visit, options), visit.context);
    plans.push(plan);
    if (busy)
      visit.context.progress.note('work of an earlier run is still going on: the plan is about to change');
    output.add(plannedRows(plan), planText(plan) + costOf(plan, visit.customer));
    return EXIT.done;
  });
  output.end();
  if (code !== EXIT.done) return code;
  if (options.out !== undefined) await save(plans, options.out);
  return options.detailedExitcode && plans.some((plan) => changes(plan).length > 0) ? EXIT.attention : code;
}

/** Of all regions that will be watched, whether they change or not. */
function costOf({ steps, parameters }: DeployPlan, { poll, heartbeat }: ResolvedCustomer): string {
  const watched = steps.filter(({ action }) => action !== 'off' && action !== 'skip');
  const regions = watched.length;
  const { HubRegion: hub } = parameters;
  const sources = hub === '' ? regions : watched.filter(({ region }) => region === hub).length;
  const pollSeconds = poll.mode === 'economy' ? poll.economySeconds : poll.baseSeconds;
  const heartbeatMinutes = heartbeat.mode === 'off' ? 0 : heartbeat.everyMinutes;
  return costText({ regions, sources, pollSeconds, heartbeatMinutes }, poll.economySeconds);
}

async function save(plans: readonly DeployPlan[], file: string): Promise<void> {
  await writeFile(file, planDocument(plans, new Date(systemClock.now())), { mode: 0o600 });
  process.stderr.write(`Saved as ${file}. To do exactly this: guardrelay deploy ${file}\n`);
}
