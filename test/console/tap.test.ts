import t, { type Test } from 'tap';

import { eventsOf } from '../../agent/commands/tap/event-stream.ts';
import { startHttp } from '../../agent/console/server.ts';
import type { Tap, Tapped } from '../../agent/model/tap.ts';
import { agentView, LISTEN } from '../support/agent-view.ts';
import { NOW } from '../support/health-facts.ts';

const TAPPED: Tapped = { at: NOW, stage: 'raw', key: 'k', bytes: Buffer.alloc(50_000, 'x') };

/** Tells each listener so many at once, and then one for each `more`. */
async function startTapped(t: Test, burst: number) {
  const heard: Parameters<Tap['listen']>[0][] = [];
  const listeners = new Set<(tapped: Tapped) => void>();
  const tap: Pick<Tap, 'listen'> = {
    listen(wish, listener) {
      heard.push(wish);
      listeners.add(listener);
      for (let number = 0; number < burst; number += 1) listener(TAPPED);
      return () => listeners.delete(listener);
    },
  };
  const http = await startHttp({ ...LISTEN, view: agentView({ tap }) });
  t.teardown(() => http.close());
  const more = (): void => {
    for (const listener of listeners) listener(TAPPED);
  };
  return { heard, listeners, more, ask: (query: string) => fetch(`${http.url}/api/v1/tap?${query}`) };
}

t.test('a reader who is too slow misses some, is told how many, and holds up nobody', async (t) => {
  const { ask, more, listeners } = await startTapped(t, 100);
  let [came, missed] = [0, 0];

  const answer = await ask('source=acme');
  for await (const { type, text } of eventsOf(answer)) {
    if (type === 'missed') missed = Number(text);
    else came += 1;
    // All that waited has been read by now.
    if (missed === 0) more();
    else break;
  }

  t.ok(came < 100, `${came} came`);
  t.ok(missed > 0 && missed <= 100 + came, `${missed} were missed`);
  t.ok(listeners.size <= 1, 'whoever has gone hears nothing');
});

t.test('what is asked for is judged before anything is sent', async (t) => {
  const { ask, heard } = await startTapped(t, 0);

  const answers = await Promise.all(
    ['', 'source=acme&destination=siem', 'destination=lake', 'source=mars', 'source=acme&oneOf=0'].map(ask),
  );
  await ask('destination=siem&oneOf=10');
  await ask('source=acme/*/eu-*');

  t.same(
    answers.map(({ status }) => status),
    [400, 400, 404, 404, 400],
  );
  t.same(heard, [
    { target: { kind: 'destination', id: 'siem' }, stage: 'formatted', oneOf: 10 },
    { target: { kind: 'source', name: 'acme/*/eu-*' }, stage: 'raw', oneOf: 1 },
  ]);
});
