import { readFile } from 'node:fs/promises';

import { customerRequest } from '../deploy/customer-request.ts';
import { type DeployReport, deploy } from '../deploy/deploy.ts';
import { changes, type DeployPlan } from '../deploy/plan.ts';
import { planText } from '../deploy/plan-text.ts';
import { deployText } from '../deploy/report-text.ts';
import { type DeployRow, deployRows, isProblem } from '../deploy/rows.ts';
import { readPlans, type SavedPlans } from '../deploy/saved-plan.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../model/error.ts';
import { ask } from './ask.ts';
import { createDeployOutput, type DeployOutput } from './deploy-output.ts';
import { type DeployerOptions, type Visit, visitCustomers } from './deployer.ts';
import { readerRoleFor } from './reader-role.ts';

export interface DeployCustomersOptions extends DeployerOptions {
  readonly yes: boolean;
  readonly roleArn?: string | undefined;
  readonly readerRole?: string | undefined;
  /** A saved plan: agreed to already, and binding. */
  readonly planfile?: string | undefined;
}

/** Deploys each selected customer in turn; asks before the first write for each. */
export async function deployCustomers(options: DeployCustomersOptions): Promise<ExitCode> {
  const output = createDeployOutput('deploy', options);
  const { planfile } = options;
  const saved = planfile === undefined ? undefined : readPlans(await readPlanFile(planfile), planfile);
  const selected = saved ? { ...options, customer: saved.customers } : options;
  const code = await visitCustomers('deploy', selected, (visit) =>
    deployOne(visit, { options, output, saved }),
  );
  output.end();
  return code;
}

interface Errand {
  readonly options: DeployCustomersOptions;
  readonly output: DeployOutput;
  readonly saved: SavedPlans | undefined;
}

async function deployOne(visit: Visit, { options, output, saved }: Errand): Promise<ExitCode> {
  const { yes, quiet, roleArn, readerRole } = options;
  const { customer, context } = visit;
  const request = await customerRequest(customer, {
    ...visit,
    ...(roleArn !== undefined && { roleArn }),
    ...(readerRole !== undefined && { readerRole: await readerRoleFor(visit.customer, readerRole) }),
  });
  const report = await deploy(request, context, async (plan) => {
    saved?.require(plan);
    if (!(yes && quiet)) output.tell(planText(plan));
    return yes || saved !== undefined || isYes(await ask(`${question(plan)} (y/N) `, context.signal));
  });
  const rows = 'plan' in report ? deployRows(report.plan, 'results' in report ? report.results : []) : [];
  output.add(rows, deployText(customer.id, report, rows));
  return exitCode(report, rows);
}

async function readPlanFile(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new GuardrelayError('CLI-001', `reading the plan ${file}: ${String(error)}`, {
      exitCode: EXIT.usage,
      fix: 'Name a file that "guardrelay plan --out FILE" has made.',
      cause: error,
    });
  });
}

function question(plan: DeployPlan): string {
  const steps = changes(plan);
  const accounts = [...new Set(steps.map(({ account }) => account))];
  const where = accounts.length > 3 ? `${accounts.length} accounts` : accounts.join(', ');
  return `Change ${steps.length === 1 ? '1 stack' : `${steps.length} stacks`} in ${where}?`;
}

function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer);
}

function exitCode(report: DeployReport, rows: readonly DeployRow[]): ExitCode {
  if (report.kind === 'interrupted' || report.kind === 'declined') return EXIT.interrupted;
  return rows.some(isProblem) ? EXIT.partly : EXIT.done;
}
