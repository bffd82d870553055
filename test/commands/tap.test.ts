import t from 'tap';
import { eventsOf } from '../../agent/commands/tap/event-stream.ts';
import { shownTap } from '../../agent/commands/tap/shown-tap.ts';
import { ADMIN, finding, insert, linesOf, setScene } from '../support/agent-cli.ts';
import { startLiveAgent, written } from '../support/live-agent.ts';

t.test('a pipe gets the bytes that leave for a destination, and the texts that come', async (t) => {
  const scene = await setScene(t);
  insert(scene.aws, 'eu-west-1', 1, 100);
  const agent = await startLiveAgent(t, scene);
  const leaving = await agent.start('tap', 'siem', '--limit', '2');
  const coming = await agent.start('tap', `acme/${ADMIN}/eu-*`, '--limit', '2');
  const understood = await agent.start('tap', 'ac*', '--limit', '1', '--stage', 'envelope', '--json');
  const taps = [leaving, coming, understood];
  for (const tap of taps) await written(tap, /Waiting for what/);

  insert(scene.aws, 'eu-west-1', 2);
  const ends = await Promise.all(taps.map(({ exited }) => exited));

  const said = taps.map((tap) => tap.stderr()).join('');
  t.same(ends, Array(3).fill({ code: 0, signal: null }), said);
  const [, ...sent] = linesOf(scene.siem);
  t.equal(leaving.stdout(), sent.map((line) => `${line}\n`).join(''));
  t.equal(coming.stdout(), `${finding(0)}\n${finding(1)}\n`);
  const envelope = JSON.parse(understood.stdout());
  t.match(envelope, { stage: 'envelope', source: `acme/${ADMIN}/eu-west-1:` });
  t.match(JSON.parse(envelope.text), { kind: 'finding', region: 'eu-west-1', raw: undefined });
});

t.test('who asks for what is not there, or without an agent, hears what to do', async (t) => {
  const scene = await setScene(t);
  insert(scene.aws, 'eu-west-1', 1);
  const agent = await startLiveAgent(t, scene);

  const unknown = await agent.guardrelay('tap', 'acme/*/mars-1');
  const misused = await agent.guardrelay('tap', 'siem', '--sample', '10');
  const waiting = await agent.start('tap', 'siem');
  await written(waiting, /Waiting for what leaves for siem/);
  await agent.child.end('SIGTERM');
  const bereft = await waiting.exited;
  const alone = await agent.guardrelay('tap', 'siem');

  t.match(unknown, { code: 2, stderr: /reads no source acme\/\*\/mars-1[\s\S]*status --all/ });
  t.match(misused, { code: 2, stderr: '--sample must be a fraction such as 1/10' });
  t.equal(bereft.code, 3, waiting.stderr());
  t.match(waiting.stderr(), 'The agent has ended');
  t.match(alone, { code: 3, stderr: /AGT-009 {2}No agent answers at[\s\S]*guardrelay run/ });
});

t.test('on a terminal nothing acts, and frames are seen', (t) => {
  const shown = shownTap({ output: 'table', width: 80, color: true });
  const tapped = {
    at: '2026-01-31T00:00:00.123Z',
    stage: 'formatted',
    destination: 'siem',
    key: 'k',
  } as const;

  t.equal(
    shown({ ...tapped, source: 's', bytes: Buffer.from('8 <14>1 \u001b[2J\n') }),
    '── 00:00:00.123 s → siem · 13 bytes · k\n8 <14>1 \\x1b[2J\\x0a\n',
  );
  t.match(String(shown({ ...tapped, bytes: Buffer.from([0xff, 0, 0x41]) })), '\nff 00 41\n');
  t.end();
});

t.test('server-sent events are read however they are cut', async (t) => {
  const text = ': pulse\n\ndata: ä1\ndata: 2\n\nevent: missed\ndata: 3\n\ndata: un';
  const bytes = [...Buffer.from(text)].map((byte) => Uint8Array.of(byte));

  const events: unknown[] = [];
  for await (const event of eventsOf(new Response(ReadableStream.from(bytes)))) events.push(event);

  t.same(events, [
    { type: 'message', text: 'ä1\n2' },
    { type: 'missed', text: '3' },
  ]);
});
