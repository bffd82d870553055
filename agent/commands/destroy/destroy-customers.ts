import { customerRequest } from '../../deploy/customer-request.ts';
import { type DestroyReport, destroy } from '../../deploy/destroy.ts';
import { forwardingStackName } from '../../deploy/forwarding.ts';
import { readerStackName } from '../../deploy/reader-request.ts';
import { destroyText, removalText } from '../../deploy/removal-text.ts';
import { type DeployRow, isProblem, removalRows } from '../../deploy/rows.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { ask } from '../ask.ts';
import { type DeployerOptions, type Visit, visitCustomers } from '../deploy/deployer.ts';
import { createDeployOutput, type DeployOutput } from '../deploy/output.ts';

export interface DestroyCustomersOptions extends DeployerOptions {
  readonly yes: boolean;
  readonly keepLogs: boolean;
}

/** Removes what deploy has made for the named customers; each id must be typed first. */
export async function destroyCustomers(options: DestroyCustomersOptions): Promise<ExitCode> {
  const output = createDeployOutput('destroy', options);
  const code = await visitCustomers('destroy', options, (visit) => destroyOne(visit, options, output));
  output.end();
  return code;
}

async function destroyOne(
  visit: Visit,
  { yes, quiet, keepLogs }: DestroyCustomersOptions,
  output: DeployOutput,
): Promise<ExitCode> {
  const { customer, context, selects } = visit;
  const { id, stack } = customer;
  const request = await customerRequest(customer, visit);
  const reader = { ...request.collector, name: readerStackName(stack.name) };
  const forwarding = { ...request.collector, name: forwardingStackName(stack.name) };
  const narrowing = { ...(selects && { selects }) };
  const report = await destroy({ ...request, reader, forwarding, narrowing }, context, {
    keepLogs,
    async approve(removals) {
      if (!(yes && quiet)) output.tell(removalText(id, removals, stack.logGroup));
      return yes || (await ask(`Type the customer id (${id}) to remove this: `, context.signal)) === id;
    },
  });
  const rows = report.kind === 'done' ? removalRows(id, report.removals, report.results) : [];
  const isUnknown = selects !== undefined && report.kind === 'nothing';
  const text = isUnknown
    ? `${id}: nothing of what was chosen is deployed.\n`
    : destroyText(id, report, { rows, logGroup: stack.logGroup });
  output.add(rows, text);
  return exitCode(report, rows);
}

function exitCode({ kind }: DestroyReport, rows: readonly DeployRow[]): ExitCode {
  if (kind === 'interrupted' || kind === 'declined') return EXIT.interrupted;
  return rows.some(isProblem) ? EXIT.partly : EXIT.done;
}
