import { customerRequest } from '../../deploy/customer-request.ts';
import { type DriftReport, findDrift } from '../../deploy/drift.ts';
import { isFinding, isUnseen } from '../../deploy/drift-rows.ts';
import { EXIT, type ExitCode } from '../../model/error.ts';
import { type DeployerOptions, type Visit, visitCustomers } from '../deploy/deployer.ts';
import { createDriftOutput } from './output.ts';

export interface DriftCustomersOptions extends DeployerOptions {
  readonly detect: boolean;
}

/** Shows for each selected customer what is not as the configuration says. */
export async function driftCustomers(options: DriftCustomersOptions): Promise<ExitCode> {
  const output = createDriftOutput(options);
  let differs = false;
  const code = await visitCustomers('drift', options, async (visit) => {
    const report = await driftOf(visit, options);
    const { note } = visit.context.progress;
    if (report.kind === 'interrupted') {
      note('stopped; a comparison that had begun goes on in AWS, and changes nothing there');
      return EXIT.interrupted;
    }
    const { rows, busy } = report;
    if (busy) note('work on these stacks is still going on: this is about to change');
    output.add(visit.customer.id, rows);
    differs ||= rows.some((row) => isFinding(row) && row.state !== 'unknown');
    return rows.some(isUnseen) ? EXIT.partly : EXIT.done;
  });
  output.end();
  return code === EXIT.done && differs ? EXIT.attention : code;
}

async function driftOf(visit: Visit, { detect }: DriftCustomersOptions): Promise<DriftReport> {
  const request = await customerRequest(visit.customer, visit);
  return findDrift(request, visit.context, { detect, isChosen: visit.selects ?? (() => true) });
}
