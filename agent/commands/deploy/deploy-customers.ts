import { readFile } from 'node:fs/promises';

import { type DeployReport, deploy } from '../../deploy/deploy.ts';
import { changes, type DeployPlan } from '../../deploy/plan.ts';
import { planText } from '../../deploy/plan-text.ts';
import { deployText } from '../../deploy/report-text.ts';
import { deployRows, isProblem } from '../../deploy/rows.ts';
import { readPlans, type SavedPlans } from '../../deploy/saved-plan.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../../model/error.ts';
import { ask } from '../ask.ts';
import { isTimedOut } from '../stop-signal.ts';
import { againCommand } from './again-command.ts';
import { type DeployerOptions, tourCustomers, type Visit } from './deployer.ts';
import { createDeployOutput, type DeployOutput } from './output.ts';
import { createProofStage, type ProofStage } from './proof.ts';
import { type DeployWishes, wishedRequest } from './wishes.ts';

export interface DeployCustomersOptions extends DeployerOptions, DeployWishes {
  readonly yes: boolean;
  readonly detach: boolean;
  /** Absent: what was changed is proven, where it can be read from here. */
  readonly waitHealthy?: boolean | undefined;
  /** A saved plan: agreed to already, and binding. */
  readonly planfile?: string | undefined;
}

/** Deploys each selected customer in turn, asking before the first write for each; then proves that it works. */
export async function deployCustomers(options: DeployCustomersOptions): Promise<ExitCode> {
  if (options.detach && options.waitHealthy) throw contradiction();
  const verb = options.existingOnly ? 'update' : 'deploy';
  const output = createDeployOutput(verb, options);
  const { planfile } = options;
  const saved = planfile === undefined ? undefined : readPlans(await readPlanFile(planfile), planfile);
  const selected = saved ? { ...options, customer: saved.customers } : options;
  const proofs = createProofStage(options, output);
  const code = await tourCustomers(verb, selected, {
    visit: (visit) => deployOne(visit, { verb, options, output, saved, proofs }),
    conclude: proofs.conclude,
  });
  output.end();
  return code;
}

interface Errand {
  readonly verb: string;
  readonly options: DeployCustomersOptions;
  readonly output: DeployOutput;
  readonly saved: SavedPlans | undefined;
  readonly proofs: ProofStage;
}

async function deployOne(visit: Visit, errand: Errand): Promise<ExitCode> {
  const { verb, options, output, saved, proofs } = errand;
  const { yes, quiet, detach } = options;
  const { customer } = visit;
  const watched = proofs.watch(visit);
  const context = { ...watched.context, detached: detach };
  const report = await deploy(await wishedRequest(visit, options), context, async (plan) => {
    saved?.require(plan);
    if (!(yes && quiet)) output.tell(planText(plan));
    return yes || saved !== undefined || isYes(await ask(`${question(plan)} (y/N) `, context.signal));
  });
  const rows = 'plan' in report ? deployRows(report.plan, 'results' in report ? report.results : []) : [];
  const why = isTimedOut(context.signal) ? 'not done in time' : 'stopped';
  const again = againCommand(verb, customer.id, options);
  output.say(deployText({ customer: customer.id, again, why }, report, rows));
  if (report.kind === 'done' || report.kind === 'unchanged') watched.deployed(rows);
  else output.add(rows);
  return exitCode(report, rows.some(isProblem));
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

function contradiction(): GuardrelayError {
  return new GuardrelayError('CLI-001', '--detach does not wait, and --wait-healthy does', {
    exitCode: EXIT.usage,
    fix: 'Begin with --detach; the next run with --wait-healthy waits for the end and proves the sources.',
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

function exitCode({ kind }: DeployReport, hasProblems: boolean): ExitCode {
  if (kind === 'interrupted' || kind === 'declined') return EXIT.interrupted;
  return hasProblems ? EXIT.partly : EXIT.done;
}
