import { hecAnswer } from '../hec-indexer.ts';
import { startHecServer } from '../hec-server.ts';
import { idIn } from '../ship-records.ts';
import type { SinkHarness } from '../sink-contract.ts';
import { openSink } from './open-sink.ts';

export const splunkHec: SinkHarness = {
  name: 'splunk-hec with acknowledgements',
  async start(t) {
    const server = await startHecServer(t);
    const [indexer] = server.indexers;
    if (!indexer) throw new Error('there is no indexer');
    return {
      sink: openSink(t, {
        ...{ type: 'splunk-hec', url: server.url, token: 'env:T', ack: 'required' },
        insecureTransport: true,
      }),
      far: {
        behave(manner) {
          server.receiver.cuts = manner === 'cut';
          server.override = manner === 'busy' ? () => hecAnswer(9) : undefined;
          server.token.disabled = manner === 'refuse';
          indexer.refuses = ({ event }) => manner === 'choke' && JSON.stringify(event).includes('poison');
          indexer.indexesAtOnce = manner !== 'hold';
        },
        taken: () => server.events().map(({ event }) => idIn(JSON.stringify(event))),
        holding: () => server.receiver.received(1),
        release: () => indexer.index(),
      },
    };
  },
};
