import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';

import { HttpRequest } from '@smithy/core/protocols';
import t, { type Test } from 'tap';

import { createInFlight, type InFlight } from '../../agent/aws/in-flight.ts';
import { createTransport } from '../../agent/aws/transport.ts';

/** Asks for places that are never given back, each for another caller; answers how many there were. */
async function fill(inFlight: InFlight, host: string, caller?: string): Promise<number> {
  let places = 0;
  const asked = Array.from({ length: 300 }, async (_, index) => {
    await inFlight.enter({ host, caller: caller ?? `account-${index}` });
    places += 1;
  });
  await Promise.race([Promise.all(asked), setImmediate()]);
  return places;
}

t.test('a region whose answers hang gets a part of the places, and so does each after it', async (t) => {
  const inFlight = createInFlight();
  const places: number[] = [];

  for (let region = 0; region < 60; region += 1) places.push(await fill(inFlight, `region-${region}`));

  t.equal(places[0], 29);
  t.equal(places.at(-1), 0);
  t.equal(
    places.reduce((all, each) => all + each, 0),
    256,
    'never more',
  );
  t.equal(places.indexOf(0), 34, 'the first that finds none when all before it hang');
});

t.test('an account whose answers hang leaves the others of its region their places', async (t) => {
  const inFlight = createInFlight();

  const places = [
    await fill(inFlight, 'region', 'dead'),
    await fill(inFlight, 'region', 'dead too'),
    await fill(inFlight, 'region', 'alive'),
  ];

  t.same(places, [16, 8, 4]);
});

t.test('a place that is given back goes to whoever waits longest and may have it', async (t) => {
  const inFlight = createInFlight();
  const givenBack = await inFlight.enter({ host: 'region', caller: 'dead' });
  await fill(inFlight, 'region', 'dead');
  const entered: string[] = [];
  const enter = async (host: string, caller: string): Promise<void> => {
    await inFlight.enter({ host, caller });
    entered.push(caller);
  };

  void enter('other region', 'elsewhere');
  await setImmediate();
  givenBack();
  await setImmediate();

  t.same(entered, ['elsewhere'], 'it waited for nobody');
  t.equal(await fill(inFlight, 'region', 'dead'), 0, 'the place was taken at once');
});

t.test('whoever gives up waits no longer, and takes no place', async (t) => {
  const inFlight = createInFlight();
  const place = { host: 'region', caller: 'account' };
  const leave = await inFlight.enter(place);
  for (let places = 1; places < 16; places += 1) await inFlight.enter(place);
  const gone = new AbortController();
  const waiting = inFlight.enter(place, gone.signal);

  gone.abort();
  const nothing = await waiting;
  nothing();
  const early = await Promise.race([inFlight.enter(place), setImmediate('waits')]);
  leave();
  const aborted = await inFlight.enter(place, gone.signal);
  aborted();

  t.equal(early, 'waits', 'to give back nothing makes no room');
});

/** A host of its own, which keeps its answers until the test gives them. */
async function startHost(t: Test) {
  const asked: ServerResponse[] = [];
  const server = createServer((_, response) => void asked.push(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const headers = (account: string) => ({ authorization: `AWS4-HMAC-SHA256 Credential=${account}/x` });
  const requestOf = (account: string): HttpRequest =>
    new HttpRequest({ protocol: 'http:', hostname: '127.0.0.1', port, headers: headers(account) });
  return { asked, requestOf };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setImmediate();
}

t.test('a request has its place until its answer is read', async (t) => {
  const { requestHandler, close } = createTransport({ maxSocketsPerHost: 32 });
  t.teardown(close);
  const [slow, other] = [await startHost(t), await startHost(t)];
  const asking = Array.from({ length: 17 }, () => requestHandler.handle(slow.requestOf('account')));
  await until(() => slow.asked.length === 16);

  const elsewhere = requestHandler.handle(other.requestOf('account'));
  await until(() => other.asked.length === 1);
  other.asked[0]?.end();
  await elsewhere;
  for (const response of slow.asked) response.end('answer');
  const [first] = await Promise.all(asking.slice(0, 16));
  await setImmediate();
  const askedBefore = slow.asked.length;
  first?.response.body.resume();
  await until(() => slow.asked.length === 17);

  t.equal(askedBefore, 16, 'that answers have begun makes no room');
  slow.asked[16]?.end();
  await asking[16];
});
