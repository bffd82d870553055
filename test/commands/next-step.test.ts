import t from 'tap';

import { ERROR_CODES } from '../../agent/model/error.ts';
import { commonPlace, nextStep } from '../../agent/model/next-step.ts';
import { runCli } from '../support/cli.ts';

const PLACE = { customer: 'acme', region: 'eu-west-1', destination: 'siem' };
const CODES = [...Object.keys(ERROR_CODES), undefined];

/** Every command that people are told to run. */
const STEPS = new Set(CODES.flatMap((code) => [nextStep(code, PLACE), nextStep(code, {})]));

/** `guardrelay accounts status --customer acme` is the command `accounts status` with the option `--customer`. */
function partsOf(step: string) {
  const [, command = '', rest = ''] = /^guardrelay ([a-z]+(?: (?:status|test))?)(.*)$/.exec(step) ?? [];
  return { command, options: rest.match(/--[a-z-]+/g) ?? [] };
}

t.test('every command that an error leads to exists, with every option that it is given', async (t) => {
  const byCommand = Map.groupBy([...STEPS], (step) => partsOf(step).command);

  for (const [command, steps] of byCommand) {
    const help = await runCli([...command.split(' '), '--help']);
    t.equal(help.code, 0, command);
    for (const option of new Set(steps.flatMap((step) => partsOf(step).options))) {
      t.match(help.stdout, ` ${option} `, `${command} ${option}`);
    }
  }
  t.ok(byCommand.size >= 5, `${[...byCommand.keys()]}`);
});

t.test('what is repaired by itself is repaired, and what nobody foresaw is examined', async (t) => {
  const table: readonly [code: string | undefined, step: string][] = [
    ['GD-001', 'guardrelay doctor --customer acme --region eu-west-1 --fix'],
    ['AUTH-002', 'guardrelay doctor --customer acme --region eu-west-1'],
    ['DST-004', 'guardrelay destinations test siem'],
    ['MEM-002', 'guardrelay accounts status --customer acme'],
    ['SRC-002', 'guardrelay status --customer acme --all'],
    ['SRC-003', 'guardrelay backfill --customer acme --from-findings 90d'],
    [undefined, 'guardrelay destinations test siem'],
  ];

  for (const [code, step] of table) t.equal(nextStep(code, PLACE), step);
  t.equal(nextStep(undefined, { customer: 'acme' }), 'guardrelay doctor --customer acme');
});

t.test('a fault in several places leads to what they share', async (t) => {
  const places = ['eu-west-1', 'us-east-1'].map((region) => ({ ...PLACE, region }));

  t.same(commonPlace(places), { ...PLACE, region: undefined });
  t.equal(nextStep('GD-001', commonPlace(places)), 'guardrelay doctor --customer acme --fix');
  t.same(commonPlace([]), { customer: undefined, region: undefined, destination: undefined });
});
