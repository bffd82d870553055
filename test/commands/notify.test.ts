import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';

import { noticeFile } from '../../agent/commands/notify/live-notices.ts';
import { EVENT_TYPES } from '../../agent/notify/event-types.ts';
import { openNoticeMemory } from '../../agent/notify/memory.ts';
import { sampleEvent } from '../../agent/notify/sample.ts';
import type { Ran } from '../peers/support/child.ts';
import { runCli } from '../support/cli.ts';
import { silent } from '../support/notify/notice-world.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

const KEY = 'guardrelay/acme/source.silent/SRC-001';

interface Scene {
  readonly dataDir: string;
  notify(...args: readonly string[]): Promise<Ran>;
}

function setScene(t: Test, url: string): Scene {
  const cwd = t.testdir({});
  const dataDir = join(cwd, 'state');
  mkdirSync(dataDir);
  const configuration = {
    ...{ version: 1, agent: { id: 'relay-1', dataDir } },
    customers: ['acme', 'globex'].map((id, at) => ({
      ...{ id, auth: { type: 'default' }, accounts: { collect: [String(at).repeat(12)] } },
      ...{ destinations: ['siem'], ...(id === 'globex' && { notify: ['all'] }) },
    })),
    destinations: [{ id: 'siem', type: 'webhook', url: 'https://siem.example.com' }],
    notify: ['soc', 'all'].map((id) => ({ id, type: 'webhook', url, insecureTransport: true })),
  };
  writeFileSync(join(cwd, 'guardrelay.yaml'), JSON.stringify(configuration));
  return { dataDir, notify: (...args) => runCli(['notify', ...args], { cwd }) };
}

t.test('test sends a sample of any event, and says what came back', async (t) => {
  const far = await startWebhookReceiver(t);
  const { notify } = setScene(t, far.url);

  const taken = await notify('test', 'soc', '--event', 'config-change');
  far.answer = () => ({ status: 401, body: 'no such hook' });
  const refused = await notify('test', 'soc');
  far.stop();
  const unreachable = await notify('test', 'soc');
  const unknown = await notify('test', 'sok');

  t.match(taken, { code: 0, stdout: /^✔ soc took the message in \d+ ms$/m });
  t.match(JSON.parse(far.requests[0]?.text ?? ''), {
    type: 'config-change',
    title: /^\[TEST\]/,
    action: 'notice',
  });
  t.match(refused, { code: 5, stdout: /^✖ soc refuses the message: .*401/m });
  t.match(unreachable, { code: 4, stdout: /^✖ soc did not take the message: .*ECONNREFUSED/m });
  t.match(unknown, { code: 2, stderr: /There is no channel "sok"; did you mean soc\?/ });
});

t.test('list shows how channels fared and what lasts, and ack ends its repeats', async (t) => {
  const { notify, dataDir } = setScene(t, 'http://127.0.0.1:1');
  const memory = openNoticeMemory({ path: noticeFile(dataDir), now: Date.now });
  memory.remember('soc', { key: KEY, conditions: [silent('eu-west-1')], toldAt: 0 });
  memory.note('all', { failingSince: 0, lastFailure: { at: 0, why: 'connect ECONNREFUSED' } });
  memory.close();

  const before = await notify('list', '-o', 'table');
  const unknown = await notify('ack', 'guardrelay/acme');
  const acknowledged = await notify('ack', KEY);
  const after = await notify('list', '--json');

  t.match(before.stdout, /^soc +webhook +\*; medium or worse .* 1\b/m);
  t.match(before.stdout, /^all +webhook [^\n]*\n? +connect ECONNREFUSED$/m);
  t.match(before.stdout, `✖ ACME Corporation: eu-west-1 is silent\n  ${KEY}\n`);
  t.match(unknown, { code: 2, stderr: /Nothing that lasts was told under the key "guardrelay\/acme"/ });
  t.match(acknowledged, { code: 0, stderr: /is not repeated any more/ });
  t.match(JSON.parse(after.stdout).data, [
    { id: 'soc', customers: 1, open: [{ key: KEY, isAcknowledged: true }] },
    { id: 'all', customers: 2, open: [], lastFailure: { why: 'connect ECONNREFUSED' } },
  ]);
});

t.test('there is a sample of every event', async (t) => {
  for (const type of EVENT_TYPES) {
    const event = sampleEvent(type, { agentId: 'relay-1', at: 0, publicUrl: 'https://relay.example.com' });

    t.match(event, { type, action: 'notice', title: /^\[TEST\] \S/, regions: ['eu-central-1'] }, type);
  }
});
