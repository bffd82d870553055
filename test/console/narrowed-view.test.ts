import t from 'tap';

import { narrowedView } from '../../agent/console/narrowed-view.ts';
import type { OpenNotice } from '../../agent/console/notice-desk.ts';
import { agentView } from '../support/agent-view.ts';
import { NOW } from '../support/health-facts.ts';

const NOTICE: Omit<OpenNotice, 'channel' | 'customers'> = {
  key: 'destination.blocked/siem',
  title: 'destination siem takes no records',
  toldAt: NOW,
  isAcknowledged: false,
};

t.test('a notice of which one channel says more than another is not theirs either', (t) => {
  const acknowledged: string[] = [];
  const view = agentView({
    notices: {
      channels: () => [],
      open: () => [
        { ...NOTICE, channel: 'acme-mail', customers: ['acme'] },
        { ...NOTICE, channel: 'soc-slack', customers: ['acme', 'globex'] },
        { ...NOTICE, key: 'own', channel: 'soc-slack', customers: ['acme'] },
      ],
      acknowledge: (key) => acknowledged.push(key),
    },
  });

  const { notices } = narrowedView(view, ['acme'], () => NOW);

  t.equal(notices.acknowledge(NOTICE.key), 0, 'it would end the repetitions on the other channel too');
  t.ok(notices.acknowledge('own'));
  t.same(
    notices.open().map(({ key }) => key),
    ['own'],
  );
  t.same(acknowledged, ['own']);
  t.end();
});
