import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server as TlsServer } from 'node:tls';
import t, { type Test } from 'tap';

import { daysLeft } from '../../agent/health/certificates.ts';
import { systemClock } from '../../agent/model/clock.ts';
import { silentLogger } from '../../agent/model/logger.ts';
import type { Destination } from '../../agent/relay/destination.ts';
import { createDestination } from '../../agent/relay/destinations.ts';
import { destinationOptions } from '../../agent/ship/sinks/index.ts';
import { startForwardProxy } from '../support/forward-proxy.ts';
import { startRelpServer } from '../support/relp-server.ts';
import { recordNamed } from '../support/ship-records.ts';
import { startSyslogReceiver } from '../support/syslog-receiver.ts';
import { createAuthority } from '../support/tls-certificates.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

const LOOPBACK = { addresses: ['127.0.0.1'] };
const authority = await createAuthority();
const caFile = join(t.testdir({}), 'ca.pem');
writeFileSync(caFile, authority.cert);

function open(t: Test, given: object): Destination {
  const common = { id: 'siem', tls: { caFile }, batch: { maxWaitMs: 0 } };
  const destination = createDestination(destinationOptions.parse({ ...common, ...given }), {
    ...{ agentId: 'relay-1', clock: systemClock, random: () => 0, dataDir: t.testdir({}) },
    ...{ logger: silentLogger, readSecret: async () => '', proxyFor: () => undefined },
  });
  t.teardown(() => destination.shipper.close(0));
  return destination;
}

/** Resolves when the destination has the record. */
function send(destination: Destination, id = 'r1'): Promise<void> {
  return new Promise((resolve) => {
    const record = destination.encode(recordNamed(id));
    destination.shipper.submit({ record, owner: {}, done: () => resolve() });
  });
}

function daysOf(destination: Destination): number | undefined {
  const at = destination.certificateExpiresAt?.();
  // Issued a moment ago: a little less than whole days.
  return at === undefined ? undefined : daysLeft(at, systemClock.now() - 60_000);
}

const ways: readonly { name: string; start(t: Test, days: number): Promise<object> }[] = [
  {
    name: 'syslog over TLS',
    async start(t, days) {
      const tls = await authority.issue({ ...LOOPBACK, days });
      const { port } = await startSyslogReceiver(t, { tls });
      return { type: 'syslog', transport: 'tls', host: '127.0.0.1', port, confirm: 'stream', settleMs: 0 };
    },
  },
  {
    name: 'RELP over TLS',
    async start(t, days) {
      const { port } = await startRelpServer(t, await authority.issue({ ...LOOPBACK, days }));
      return { type: 'relp', transport: 'tls', host: '127.0.0.1', port, settleMs: 0 };
    },
  },
  {
    name: 'HTTPS',
    async start(t, days) {
      const { url } = await startWebhookReceiver(t, await authority.issue({ ...LOOPBACK, days }));
      return { type: 'webhook', url };
    },
  },
  {
    name: 'HTTPS in the tunnel of a proxy whose own certificate ends sooner',
    async start(t, days) {
      const { url } = await startWebhookReceiver(t, await authority.issue({ ...LOOPBACK, days }));
      const { port } = await startForwardProxy(t, await authority.issue({ ...LOOPBACK, days: 2 }));
      return { type: 'webhook', url, proxy: { url: `https://127.0.0.1:${port}`, tls: { caFile } } };
    },
  },
];

for (const { name, start } of ways) {
  t.test(`${name} tells when the certificate of the destination ends`, async (t) => {
    const destination = open(t, await start(t, 17));
    const before = daysOf(destination);

    await send(destination);

    t.equal(before, undefined, 'nothing is claimed of a certificate that nobody has seen');
    t.equal(daysOf(destination), 17);
  });
}

t.test('a renewed certificate shows with the next connection', async (t) => {
  const receiver = await startWebhookReceiver(t, await authority.issue({ ...LOOPBACK, days: 3 }));
  const destination = open(t, { type: 'webhook', url: receiver.url });
  await send(destination, 'r1');
  const before = daysOf(destination);

  const { server } = receiver;
  if (!(server instanceof TlsServer)) throw new Error('the receiver speaks no TLS');
  server.setSecureContext(await authority.issue({ ...LOOPBACK, days: 90 }));
  server.closeAllConnections();
  await send(destination, 'r2');

  t.equal(before, 3);
  t.equal(daysOf(destination), 90);
});

t.test('of one that has ended the handshake tells', async (t) => {
  const tls = await authority.issue({ ...LOOPBACK, expired: true });
  const { url } = await startWebhookReceiver(t, tls);
  const destination = open(t, { type: 'webhook', url });

  void send(destination);
  while (destination.shipper.status().circuit === 'closed') await systemClock.sleep(5);

  t.match(destination.shipper.status().blocked, { why: 'tls', detail: /^DST-003: .*expired/ });
  t.equal(daysOf(destination), undefined);
});
