import t from 'tap';

import { judgeDelivery } from '../../agent/demo/judge.ts';
import { until } from '../peers/support/until.ts';
import { runCli, startCli } from '../support/cli.ts';

t.test('the demo delivers every finding once, and shows the region that is broken on purpose', async (t) => {
  const { code, stdout, stderr } = await runCli(['demo', '--once', '--port', '0', '--json']);

  t.equal(code, 0, stderr);
  t.match(stderr, /Played 20 events; lake has 20, siem has 20: each exactly once\./);
  const { data, summary } = JSON.parse(stdout);
  t.match(data[0], { customer: 'initech', region: 'eu-west-1', state: 'failing', code: 'AUTH-006' });
  t.match(summary, { sources: 10, needAction: 1, destinations: [{ id: 'lake' }, { id: 'siem' }] });
});

t.test('a demo that is stopped says what each destination got when all was over', async (t) => {
  const demo = await startCli(['demo', '--port', '0']);
  t.teardown(() => demo.end('SIGKILL'));
  await until('the first record is there', () => /delivered \d+ to lake, [1-9]/.test(demo.stderr()));

  const { code } = await demo.end('SIGINT');

  t.equal(code, 0, demo.stderr());
  t.match(demo.stderr(), /\nStopped: delivered \d+ to lake, [1-9]\d* to siem\./);
});

t.test('a record that is missing or comes twice is told', async (t) => {
  const judge = (lake: string[], siem: string[]) => {
    const received = { lake, siem };
    const close = async (): Promise<void> => {};
    return judgeDelivery({
      expected: 2,
      siem: { webhookUrl: '', syslogPort: 0, received, refuseLake() {}, close },
    });
  };

  t.match(judge(['a', 'b'], ['a', 'b']), { complete: true, exact: true });
  t.match(judge(['a', 'a'], ['a', 'b']), { complete: false, exact: false });
  t.match(judge(['a', 'b', 'b'], ['a', 'b']), { complete: true, exact: false });
  t.match(judge(['a', 'b'], ['a']), { complete: false });
});
