import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server as TlsServer } from 'node:tls';

import { idIn } from '../ship-records.ts';
import type { Manner, SinkHarness } from '../sink-contract.ts';
import { type SyslogManner, type SyslogReceiver, startSyslogReceiver } from '../syslog-receiver.ts';
import { createAuthority } from '../tls-certificates.ts';
import { openSink } from './open-sink.ts';

const MANNERS: Readonly<Record<Manner, SyslogManner>> = {
  take: 'read',
  choke: 'choke',
  // A reset cannot be taken for an answer, however slow the machine; turning away is tested in syslog.test.ts.
  busy: 'cut',
  // The certificate is what it refuses by.
  refuse: 'read',
  cut: 'cut',
  hold: 'hold',
};

interface Way {
  readonly options: Readonly<Record<string, unknown>>;
  /** Resolves when a batch waits for its confirmation. */
  holding(receiver: SyslogReceiver): Promise<void>;
  release(receiver: SyslogReceiver): void;
}

function overTls(name: string, { options, holding, release }: Way): SinkHarness {
  return {
    name,
    async start(t) {
      const authority = await createAuthority();
      const right = await authority.issue({ addresses: ['127.0.0.1'] });
      const wrong = await authority.issue({ names: ['other.example'] });
      let server: TlsServer | undefined;
      const receiver = await startSyslogReceiver(t, {
        tls: right,
        onServer: (made) => {
          if (made instanceof TlsServer) server = made;
        },
      });
      const caFile = join(t.testdir({}), 'ca.pem');
      writeFileSync(caFile, authority.cert);
      const place = { type: 'syslog', host: '127.0.0.1', port: receiver.port, tls: { caFile } };
      return {
        sink: openSink(t, { ...place, ...options }),
        far: {
          behave(manner) {
            receiver.manner = MANNERS[manner];
            server?.setSecureContext(manner === 'refuse' ? wrong : right);
          },
          taken: () => receiver.messages.map(idIn),
          holding: () => holding(receiver),
          release: () => release(receiver),
        },
      };
    },
  };
}

// Not UDP: nothing comes back from a datagram receiver that could reject, block or acknowledge. See udp.test.ts.
export const syslogHarnesses: readonly SinkHarness[] = [
  overTls('syslog with confirm: close over TLS', {
    options: { settleMs: 0 },
    holding: (receiver) => receiver.halfClosed(),
    release: (receiver) => receiver.release(),
  }),
  overTls('syslog with confirm: stream over TLS', {
    options: { confirm: 'stream', settleMs: 100 },
    holding: (receiver) => receiver.received(1),
    // Time does it.
    release() {},
  }),
];
