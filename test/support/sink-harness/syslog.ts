import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server as TlsServer } from 'node:tls';

import { idIn } from '../ship-records.ts';
import type { Manner, SinkHarness } from '../sink-contract.ts';
import { type SyslogManner, startSyslogReceiver } from '../syslog-receiver.ts';
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

export const syslogByClose: SinkHarness = {
  name: 'syslog with confirm: close over TLS',
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
    const place = { host: '127.0.0.1', port: receiver.port };
    return {
      sink: openSink(t, { ...place, type: 'syslog', settleMs: 0, tls: { caFile } }),
      far: {
        behave(manner) {
          receiver.manner = MANNERS[manner];
          server?.setSecureContext(manner === 'refuse' ? wrong : right);
        },
        taken: () => receiver.messages.map(idIn),
        holding: () => receiver.halfClosed(),
        release: () => receiver.release(),
      },
    };
  },
};
