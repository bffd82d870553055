import { type RelpManner, startRelpServer, takes, takesWith } from '../relp-server.ts';
import { idIn } from '../ship-records.ts';
import type { Manner, SinkHarness } from '../sink-contract.ts';
import { openSink } from './open-sink.ts';

export const relp: SinkHarness = {
  name: 'relp',
  async start(t) {
    const server = await startRelpServer(t);
    const held: (() => void)[] = [];
    const manners: Readonly<Record<Manner, RelpManner>> = {
      take: takes,
      choke: takesWith((asked, peer) => {
        if (asked.text.includes('poison')) peer.answer(asked.txnr, '500 refused');
        else takes(asked, peer);
      }),
      busy: takesWith((_, peer) => {
        peer.say('0 serverclose 0\n');
        peer.hangUp();
      }),
      refuse: ({ txnr }, peer) => peer.answer(txnr, '500 command disabled'),
      cut: takesWith((_, peer) => peer.reset()),
      hold: takesWith((asked, peer) => held.push(() => takes(asked, peer))),
    };
    const place = { host: '127.0.0.1', port: server.port, transport: 'tcp', insecureTransport: true };
    return {
      sink: openSink(t, { ...place, type: 'relp', settleMs: 0 }),
      far: {
        behave(manner) {
          server.manner = manners[manner];
        },
        taken: () => server.taken.map(idIn),
        holding: () => server.until(() => held.length > 0),
        release() {
          for (const answerNow of held) answerNow();
        },
      },
    };
  },
};
