import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Server as TlsServer } from 'node:tls';
import type { Test } from 'tap';

import { createSink, type DestinationOptions, destinationOptions } from '../../agent/ship/sinks/index.ts';
import { idIn, sinkDeps } from '../support/ship-records.ts';
import { type Manner, type SinkHarness, testSinkContract } from '../support/sink-contract.ts';
import { type SyslogManner, startSyslogReceiver } from '../support/syslog-receiver.ts';
import { createAuthority } from '../support/tls-certificates.ts';
import { startWebhookReceiver, type WebhookRequest } from '../support/webhook-receiver.ts';

function sinkOf(t: Test, given: Record<string, unknown>) {
  const sink = createSink(destinationOptions.parse({ id: 'd', ...given }), sinkDeps());
  t.teardown(() => sink.close(0));
  return sink;
}

const authority = await createAuthority();
const right = await authority.issue({ addresses: ['127.0.0.1'] });
const wrong = await authority.issue({ names: ['other.example'] });

const SYSLOG_MANNERS: Readonly<Record<Manner, SyslogManner>> = {
  take: 'read',
  choke: 'choke',
  // A reset cannot be taken for an answer, however slow the machine; turning away is tested in syslog.test.ts.
  busy: 'cut',
  // The certificate is what it refuses by.
  refuse: 'read',
  cut: 'cut',
  hold: 'hold',
};

const syslogByClose: SinkHarness = {
  name: 'syslog with confirm: close over TLS',
  async start(t) {
    let server: TlsServer | undefined;
    const receiver = await startSyslogReceiver(t, {
      tls: right,
      onServer: (made) => {
        if (made instanceof TlsServer) server = made;
      },
    });
    const caFile = join(t.testdir({}), 'ca.pem');
    writeFileSync(caFile, authority.cert);
    const place = { host: '127.0.0.1', port: receiver.port };
    const sink = sinkOf(t, { ...place, type: 'syslog', settleMs: 0, tls: { caFile } });
    return {
      sink,
      far: {
        behave(manner) {
          receiver.manner = SYSLOG_MANNERS[manner];
          server?.setSecureContext(manner === 'refuse' ? wrong : right);
        },
        taken: () => receiver.messages.map(idIn),
        holding: () => receiver.halfClosed(),
        release: () => receiver.release(),
      },
    };
  },
};

function answerTo(manner: Manner, { text }: WebhookRequest) {
  if (manner === 'choke' && text.includes('poison')) return { status: 400 };
  if (manner === 'busy') return { status: 503 };
  return { status: manner === 'refuse' ? 403 : 200 };
}

const webhook: SinkHarness = {
  name: 'webhook',
  async start(t) {
    const receiver = await startWebhookReceiver(t);
    const held: ServerResponse[] = [];
    const taken: string[] = [];
    const behave = (manner: Manner): void => {
      receiver.cuts = manner === 'cut';
      receiver.answer = (request) => {
        const { status } = answerTo(manner, request);
        if (status === 200) taken.push(...request.lines.map(idIn));
        return manner === 'hold' ? { write: (response) => held.push(response) } : { status };
      };
    };
    behave('take');
    const sink = sinkOf(t, { type: 'webhook', url: receiver.url, insecureTransport: true });
    return {
      sink,
      far: {
        behave,
        taken: () => taken,
        holding: () => receiver.received(1),
        release() {
          for (const response of held) response.end();
        },
      },
    };
  },
};

// One more kind of destination does not compile before it has a harness here.
const harnesses: Readonly<Record<DestinationOptions['type'], SinkHarness>> = {
  syslog: syslogByClose,
  webhook,
};

for (const harness of Object.values(harnesses)) testSinkContract(harness);
