import { readSecret } from '../config/secret.ts';
import { customerRequest, type ReaderRole } from '../deploy/customer-request.ts';
import { type DeployReport, deploy } from '../deploy/deploy.ts';
import { changes, type DeployPlan } from '../deploy/plan.ts';
import { planText } from '../deploy/plan-text.ts';
import { deployText } from '../deploy/report-text.ts';
import { type DeployRow, deployRows, isProblem } from '../deploy/rows.ts';
import { EXIT, type ExitCode } from '../model/error.ts';
import { ask } from './ask.ts';
import { createDeployOutput, type DeployOutput } from './deploy-output.ts';
import { type DeployerOptions, type Visit, visitCustomers } from './deployer.ts';

export interface DeployCustomersOptions extends DeployerOptions {
  readonly yes: boolean;
  readonly roleArn?: string | undefined;
  readonly readerRole?: string | undefined;
}

/** Deploys each selected customer in turn; asks before the first write for each. */
export async function deployCustomers(options: DeployCustomersOptions): Promise<ExitCode> {
  const output = createDeployOutput('deploy', options);
  const code = await visitCustomers('deploy', options, (visit) => deployOne(visit, options, output));
  output.end();
  return code;
}

async function deployOne(
  visit: Visit,
  { yes, quiet, roleArn, readerRole }: DeployCustomersOptions,
  output: DeployOutput,
): Promise<ExitCode> {
  const { customer, context } = visit;
  const request = await customerRequest(customer, {
    ...visit,
    ...(roleArn !== undefined && { roleArn }),
    ...(readerRole !== undefined && { readerRole: await readerRoleFor(visit, readerRole) }),
  });
  const report = await deploy(request, context, async (plan) => {
    if (!(yes && quiet)) output.tell(planText(plan));
    return yes || isYes(await ask(`${question(plan)} (y/N) `, context.signal));
  });
  const rows = 'plan' in report ? deployRows(report.plan, 'results' in report ? report.results : []) : [];
  output.add(rows, deployText(customer.id, report, rows));
  return exitCode(report, rows);
}

/** The ExternalId is what the configuration assumes the role with. */
async function readerRoleFor({ customer }: Visit, relayPrincipalArn: string): Promise<ReaderRole> {
  const { auth } = customer;
  const externalId = auth.type === 'assumeRole' ? await readSecret(auth.externalId) : '';
  return { relayPrincipalArn, externalId };
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
