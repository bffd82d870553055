import t from 'tap';

import { parseLiveConfig } from '../../agent/config/live-config.ts';
import type { ConfigSource } from '../../agent/config/load.ts';

const ACME = customer('acme', '111111111111');
const GLOBEX = customer('globex', '222222222222');
const BROKEN = ACME.replace('destinations:', 'destination:');

function customer(id: string, account: string): string {
  return `id: ${id}\nauth: { type: default }\naccounts: { collect: ["${account}"] }\ndestinations: [siem]\n`;
}

/** `files`: the texts in the folder of customers. */
function source(files: Record<string, string>, more = ''): ConfigSource {
  const siem =
    '{ id: siem, type: syslog, transport: tcp, host: 127.0.0.1, port: 514, insecureTransport: true }';
  return {
    file: 'guardrelay.yaml',
    text: `version: 1\ncustomersDir: customers\ndestinations: [${siem}]\n${more}`,
    customerFiles: Object.entries(files).map(([file, text]) => ({ file, text })),
  };
}

/** Ids of the customers, and of each broken file whether its customer works on. */
function outcome(parsed: ReturnType<typeof parseLiveConfig>): object {
  if (parsed.kind === 'mistaken') return { mistakes: parsed.mistakes.map(({ file, text }) => [file, text]) };
  const { config, broken } = parsed;
  return {
    customers: config.customers.map(({ id }) => id).toSorted(),
    broken: Object.fromEntries(broken.map(({ file, isKept }) => [file, isKept ? 'kept' : 'left out'])),
  };
}

t.test('a broken file of a customer leaves out that customer alone, or keeps what it was', async (t) => {
  const texts = new Map([['a.yaml', ACME]]);
  const tables: readonly (readonly [string, Record<string, string>, Map<string, string>, object])[] = [
    [
      'all are right',
      { 'a.yaml': ACME, 'g.yaml': GLOBEX },
      new Map(),
      { customers: ['acme', 'globex'], broken: {} },
    ],
    [
      'broken at the start',
      { 'a.yaml': BROKEN, 'g.yaml': GLOBEX },
      new Map(),
      { customers: ['globex'], broken: { 'a.yaml': 'left out' } },
    ],
    [
      'broken later',
      { 'a.yaml': BROKEN, 'g.yaml': GLOBEX },
      texts,
      { customers: ['acme', 'globex'], broken: { 'a.yaml': 'kept' } },
    ],
    [
      'no YAML at all',
      { 'a.yaml': 'id: [', 'g.yaml': GLOBEX },
      texts,
      { customers: ['acme', 'globex'], broken: { 'a.yaml': 'kept' } },
    ],
    ['deleted', { 'g.yaml': GLOBEX }, texts, { customers: ['globex'], broken: {} }],
    [
      'a newcomer claims the account of somebody who was there',
      { '0.yaml': customer('new', '111111111111'), 'a.yaml': ACME },
      texts,
      { customers: ['acme'], broken: { '0.yaml': 'left out' } },
    ],
    [
      'a newcomer claims the id of somebody who was there',
      { '0.yaml': customer('acme', '333333333333'), 'a.yaml': ACME },
      texts,
      { customers: ['acme'], broken: { '0.yaml': 'left out' } },
    ],
  ];

  for (const [title, files, known, expected] of tables) {
    t.strictSame(outcome(parseLiveConfig(source(files), {}, known)), expected, title);
  }
});

t.test('a mistake of the main file, or no customer that is right, is an end', async (t) => {
  const files = { 'a.yaml': ACME, 'g.yaml': GLOBEX.replace('globex', 'Globex') };

  const main = outcome(parseLiveConfig(source(files, 'agent: { logLevel: loud }\n'), {}));
  const none = outcome(parseLiveConfig(source({ 'a.yaml': 'id: [' }), {}));

  t.match(main, {
    mistakes: [
      [undefined, /must be one of/],
      ['g.yaml', /letters/],
    ],
  });
  t.match(none, {
    mistakes: [
      ['a.yaml', /not proper YAML/],
      [undefined, /at least one entry/],
    ],
  });
});

t.test('the list of accounts that a customer names stands beside its own file', async (t) => {
  const listed = ACME.replace('] }', '], file: acme.csv }');

  const parsed = parseLiveConfig(source({ '/etc/guardrelay/customers/acme.yaml': listed }), {});

  t.match(parsed, { config: { customers: [{ accounts: { file: '/etc/guardrelay/customers/acme.csv' } }] } });
});
