import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import t from 'tap';

import type { Config } from '../../agent/config/config.ts';
import type { Environment } from '../../agent/config/environment.ts';
import { configurationJsonSchema } from '../../agent/config/json-schema.ts';
import { loadConfig, mistakesError, mistakeText } from '../../agent/config/load.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import { secretReader } from '../../agent/config/secret.ts';
import { secretsIn } from '../../agent/config/secrets-in.ts';
import { warningsOf } from '../../agent/config/warnings.ts';
import { FORMAT_NAMES } from '../../agent/model/format.ts';
import { isJsonObject } from '../../agent/model/json.ts';
import { channelOptions } from '../../agent/notify/channels/index.ts';
import { destinationKinds } from '../support/destination-kinds.ts';
import { optionKinds } from '../support/option-kinds.ts';

const CONFIG_FOLDER = new URL('../../config/', import.meta.url);

const MINIMAL = `
version: 1
customers:
  - id: acme
    auth: { type: default }
    accounts: { collect: ["111111111111"] }
    destinations: [siem]
destinations:
  - { id: siem, type: webhook, url: "https://siem.example.com/in" }
`;

/** MINIMAL with some lines of the first customer, the first destination or the top level replaced or added. */
const HOOK = '{ id: soc, type: webhook, url: "https://x.example.com" }';

function written({ customer = '', top = '', destination = '' }): string {
  const parts = MINIMAL.split('destinations: [siem]\n');
  const withCustomer = parts.join(`destinations: [siem]\n    ${customer}\n`);
  const extra = destination === '' ? '' : `  - ${destination}\n`;
  return `${withCustomer}${extra}${top}\n`;
}

function valid(text: string, env: Environment = {}): Config {
  const parsed = parseConfig(text, env);
  if (parsed.kind === 'valid') return parsed.config;
  throw mistakesError('test', parsed.mistakes);
}

function mistakes(text: string, env: Environment = {}): readonly string[] {
  const parsed = parseConfig(text, env);
  return parsed.kind === 'mistaken' ? parsed.mistakes.map(mistakeText) : [];
}

t.test('a customer gets every setting that it does not write', (t) => {
  const { agent, customers, destinations, http } = valid(MINIMAL);

  t.match(agent, { id: hostname(), dataDir: '/var/lib/guardrelay', logLevel: 'info', logFormat: 'auto' });
  t.same(customers, [
    {
      id: 'acme',
      tags: {},
      auth: { type: 'default' },
      topology: 'standalone',
      accounts: { collect: ['111111111111'] },
      regions: 'enabled',
      stack: {
        mode: 'auto',
        name: 'guardrelay',
        prefix: 'guardrelay',
        logGroup: '/aws/events/guardrelay',
        retentionDays: 30,
        logPolicyScope: 'account',
        deadLetterQueue: false,
        homeRegion: 'us-east-1',
        firstWave: true,
        parallelRegions: true,
        failureTolerancePercent: 100,
        maxConcurrentPercent: 100,
        callAs: 'self',
        autoDeploy: true,
        retainOnAccountRemoval: false,
        tags: {},
      },
      collect: { findings: true, configChanges: true, objectScanResults: false, startAt: 'now' },
      poll: {
        mode: 'standard',
        baseSeconds: 60,
        activeSeconds: 15,
        activeForMinutes: 60,
        economySeconds: 300,
        quotaShare: 0.2,
      },
      late: {
        overlapMinutes: 15,
        sweeps: [
          { windowMinutes: 180, everyMinutes: 30 },
          { windowMinutes: 1500, everyMinutes: 360 },
        ],
      },
      dedupe: { scope: 'event' },
      heartbeat: {
        mode: 'rule',
        everyMinutes: 5,
        canary: { enabled: true, everyHours: 6 },
        forward: 'summary',
      },
      health: {
        silentAfterMissed: 3,
        graceMinutes: 2,
        pendingMinutes: 20,
        readErrorMinutes: 5,
        lagSeconds: 120,
        unackedMinutes: 5,
        plumbingMinutes: 60,
        quietAfterHours: 24,
      },
      maintenance: [],
      destinations: [{ id: 'siem', regions: ['*'] }],
    },
  ]);
  t.match(destinations, [{ id: 'siem', type: 'webhook', format: 'raw' }]);
  t.same(http, {
    listen: '127.0.0.1:8686',
    auth: { type: 'none' },
    names: [],
    trustedProxies: [],
    metrics: { perSource: 'auto' },
    searchIndex: { keepDays: 7, maxMegabytes: 2048 },
  });
  t.end();
});

t.test('a customer overrides the defaults key by key', (t) => {
  const { customers } = valid(
    written({
      top: 'defaults: { regions: [eu-west-1], poll: { baseSeconds: 30, quotaShare: 0.1 }, stack: { tags: { a: b } } }',
      customer:
        'poll: { baseSeconds: 5 }\n    stack: { mode: existing, logGroup: Armor_GuardDuty_Log_Group }',
    }),
  );

  t.match(customers[0], {
    regions: ['eu-west-1'],
    poll: { baseSeconds: 5, quotaShare: 0.1, activeSeconds: 15 },
    stack: { mode: 'existing', logGroup: 'Armor_GuardDuty_Log_Group', tags: { a: 'b' }, retentionDays: 30 },
  });
  t.end();
});

t.test('S35 a * at the end of an existing log group stands for all that begin so', (t) => {
  const stack = (logGroup: string): string =>
    written({ customer: `stack: { mode: existing, logGroup: ${logGroup} }` });

  t.equal(valid(stack('"/aws/events/guard*"')).customers[0]?.stack.logGroup, '/aws/events/guard*');
  for (const wrong of ['"*"', '"/aws/*/guard"', '"/aws/events/guard**"']) {
    t.same(mistakes(stack(wrong)), [
      '8:40 customers[0].stack.logGroup must be 1 to 512 letters, digits and . _ - / #; a * may stand at the end',
    ]);
  }
  t.end();
});

t.test('dashes of account ids are removed and routes are completed', (t) => {
  const text = MINIMAL.replace('"111111111111"', '"2222-2222-2222"').replace(
    '[siem]',
    '[{ id: siem, regions: ["eu-*"] }]',
  );

  const { customers } = valid(text);

  t.match(customers[0], {
    accounts: { collect: ['222222222222'] },
    destinations: [{ id: 'siem', regions: ['eu-*'] }],
  });
  t.end();
});

t.test('every mistake is one sentence with line, column, path and what is expected', (t) => {
  const rows: readonly [text: string, mistake: string][] = [
    ['', '1:1 the file is empty'],
    ['- 1', '1:1 the file must be a group of keys, not a list'],
    [
      written({ customer: 'destination: [siem]' }),
      '8:5 customers[0].destination is not an option here; did you mean destinations?',
    ],
    [written({ top: 'agnet: {}' }), '11:1 agnet is not an option here; did you mean agent?'],
    [written({ top: 'xyz: {}' }), '11:1 xyz is not an option here'],
    [MINIMAL.replace('version: 1', 'version: 2'), '2:10 version must be 1'],
    [MINIMAL.replace('version: 1\n', ''), '2:1 version is missing; it must be 1'],
    [
      MINIMAL.replace('"111111111111"', '012345678901'),
      '6:27 customers[0].accounts.collect[0] must stand in quotes, because YAML reads bare digits as a number and cuts leading zeros',
    ],
    [
      MINIMAL.replace('"111111111111"', '"1111"'),
      '6:27 customers[0].accounts.collect[0] must be 12 digits in quotes, such as "123456789012"',
    ],
    [
      written({ customer: 'regions: [us-east1]' }),
      '8:15 customers[0].regions[0] is not the name of an AWS region; names look like us-east-1 or ap-southeast-2 (CFG-004)',
    ],
    [
      written({ customer: 'regions: us-east-1' }),
      '8:14 customers[0].regions must be enabled, all, or a list of region names',
    ],
    [
      written({ customer: 'stack: { retentionDays: 10 }' }),
      '8:29 customers[0].stack.retentionDays must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653',
    ],
    [written({ customer: 'stack:' }), '8:11 customers[0].stack is empty'],
    [
      written({ customer: 'stack: { logGroup: other }' }),
      '8:24 customers[0].stack.logGroup must start with /aws/events/, unless stack.mode is existing',
    ],
    [
      written({ customer: 'stack: { mode: stackset-organizations }' }),
      '8:12 customers[0].stack needs organizationalUnits with mode stackset-organizations',
    ],
    [
      written({ customer: 'stack: { organizationalUnits: [r-ab12] }' }),
      '8:35 customers[0].stack.organizationalUnits is only for mode stackset-organizations',
    ],
    [
      written({ customer: 'stack: { mode: stackset-organizations, organizationalUnits: [ou-1] }' }),
      '8:66 customers[0].stack.organizationalUnits[0] must be the id of an organizational unit or of the root, such as ou-ab12-c3d4e5f6 or r-ab12',
    ],
    [
      written({ customer: 'stack: { hubRegion: eu-west-1, mode: existing }' }),
      '8:25 customers[0].stack.hubRegion must be left out, because others make the log groups',
    ],
    [
      written({ customer: 'stack: { hubRegion: eu-west-1 }\n    regions: [us-east-1, us-east-2]' }),
      "8:25 customers[0].stack.hubRegion must be one of the customer's regions",
    ],
    [
      written({ customer: 'stack: { hubRegion: us-gov-west-1 }' }),
      '8:25 customers[0].stack.hubRegion must be in the partition of homeRegion and of all regions',
    ],
    [
      written({ customer: 'stack: { hubRegion: cn-north-1 }' }),
      '8:25 customers[0].stack.hubRegion must be a region of the partitions aws or aws-us-gov: EventBridge forwards between no others',
    ],
    [
      written({ customer: 'stack: { logGroup: "/aws/events/guard*" }' }),
      '8:24 customers[0].stack.logGroup must name one log group, unless stack.mode is existing',
    ],
    [
      written({ customer: 'poll: { baseSeconds: 0 }' }),
      '8:26 customers[0].poll.baseSeconds must be at least 1',
    ],
    [
      written({ customer: 'poll: { quotaShare: 0 }' }),
      '8:25 customers[0].poll.quotaShare must be more than 0',
    ],
    [
      written({ customer: 'poll: { quotaShare: 0.5 }' }),
      '8:25 customers[0].poll.quotaShare must be at most 0.2',
    ],
    [
      written({ customer: 'poll: { baseSeconds: 1.5 }' }),
      '8:26 customers[0].poll.baseSeconds must be a whole number',
    ],
    [
      written({ customer: 'poll: { baseSeconds: "9" }' }),
      '8:26 customers[0].poll.baseSeconds must be a number, not text',
    ],
    [written({ customer: 'poll: 5' }), '8:11 customers[0].poll must be a group of keys'],
    [
      written({ customer: 'heartbeat: { mode: rul }' }),
      '8:24 customers[0].heartbeat.mode must be one of rule, off; did you mean rule?',
    ],
    [
      written({ customer: 'late: { sweeps: [{ windowMinutes: 180, everyMinutes: 30 }] }' }),
      '8:21 customers[0].late.sweeps must end with windowMinutes of 1500 (25 hours) or more, because EventBridge may deliver 24 hours late',
    ],
    [
      written({
        customer:
          'late: { sweeps: [{ windowMinutes: 1600, everyMinutes: 30 }, { windowMinutes: 1500, everyMinutes: 60 }] }',
      }),
      '8:21 customers[0].late.sweeps must have windowMinutes that rise from entry to entry',
    ],
    [
      written({ customer: 'collect: { startAt: yesterday }' }),
      '8:25 customers[0].collect.startAt must be now, beginning, a time such as 2026-01-31T00:00:00Z, or a span such as -24h',
    ],
    [
      MINIMAL.replace('{ type: default }', '{ type: assumeRol }'),
      '5:19 customers[0].auth.type must be one of assumeRole, keys, profile, default; did you mean assumeRole?',
    ],
    [
      MINIMAL.replace('{ type: default }', '{}'),
      '5:11 customers[0].auth.type is missing; it must be one of assumeRole, keys, profile, default',
    ],
    [
      MINIMAL.replace(
        '{ type: default }',
        '{ type: assumeRole, roleArn: "arn:aws:iam::111111111111:role/x" }',
      ),
      '5:11 customers[0].auth.externalId is missing',
    ],
    [
      MINIMAL.replace(
        '{ type: default }',
        '{ type: keys, accessKeyId: AKIAEXAMPLE, secretAccessKey: env:X }',
      ),
      '5:38 customers[0].auth.accessKeyId must be a reference, env:NAME or file:/path, never the secret itself',
    ],
    [
      MINIMAL.replace('["111111111111"]', '["111111111111", "222222222222"]'),
      '6:26 customers[0].accounts.collect must be one account, because only auth.type assumeRole can read several',
    ],
    [
      MINIMAL.replace('["111111111111"]', '["111111111111", "222222222222"]').replace(
        '{ type: default }',
        '{ type: assumeRole, roleArn: "arn:aws:iam::111111111111:role/x", externalId: "env:X" }',
      ),
      '5:40 customers[0].auth.roleArn must contain {account}, because several accounts are read',
    ],
    [
      MINIMAL.replace('["111111111111"]', '["111111111111", "1111-1111-1111"]').replace(
        '{ type: default }',
        '{ type: assumeRole, roleArn: "arn:aws:iam::{account}:role/x", externalId: "env:X" }',
      ),
      '6:43 customers[0].accounts.collect[1] stands twice in this list: 111111111111',
    ],
    [
      MINIMAL.replace('[siem]', '[sieb]'),
      '7:20 customers[0].destinations[0] names a destination that is not defined: sieb; did you mean siem? (CFG-003)',
    ],
    [
      MINIMAL.replace('[siem]', '[{ id: other }]'),
      '7:26 customers[0].destinations[0].id names a destination that is not defined: other (CFG-003)',
    ],
    [
      MINIMAL.replace('[siem]', '[{ id: siem, region: [x] }]'),
      '7:32 customers[0].destinations[0].region is not an option here; did you mean regions?',
    ],
    [
      MINIMAL.replace('[siem]', '[5]'),
      '7:20 customers[0].destinations[0] must be the id of a destination, or { id, regions }',
    ],
    [MINIMAL.replace('[siem]', '[]'), '7:19 customers[0].destinations must have at least 1 entry'],
    [
      written({ customer: 'notify: [sok]', top: `notify: [${HOOK}]` }),
      '8:14 customers[0].notify[0] names a channel that is not defined: sok; did you mean soc? (CFG-003)',
    ],
    [
      written({ top: `defaults: { notify: [sok] }\nnotify: [${HOOK}]` }),
      'defaults.notify[0] names a channel that is not defined: sok; did you mean soc? (CFG-003)',
    ],
    [written({ top: `notify: [${HOOK}, ${HOOK}]` }), 'notify[1].id must be unique; soc stands above already'],
    [
      written({ top: 'notify: [{ id: soc, type: webhook, url: "https://x.example.com", events: ["*.x"] }]' }),
      'notify[0].events[0] must be the type of an event, or a pattern such as source.*',
    ],
    [
      written({ destination: '{ id: siem, type: webhook, url: "https://x.example.com" }' }),
      '11:11 destinations[1].id must be unique; siem stands above already',
    ],
    [
      written({ destination: '{ id: other, type: webhok, url: "https://x.example.com" }' }),
      '11:24 destinations[1].type must be one of syslog, ',
    ],
    [
      written({ destination: '{ id: other, type: webhok, url: "https://x.example.com" }' }),
      '; did you mean webhook?',
    ],
    [
      written({ destination: '{ id: other, type: webhook, url: "https://x.example.com", format: jsno }' }),
      `11:71 destinations[1].format must be one of ${FORMAT_NAMES.join(', ')}; did you mean json?`,
    ],
    [
      written({
        destination: '{ id: other, type: webhook, url: "https://x.example.com", headers: { host: x } }',
      }),
      '11:80 destinations[1].headers.host is a header that guardrelay sets itself',
    ],
    [
      written({ top: 'http: { listen: "0.0.0.0:8686" }' }),
      '11:17 http.listen must be a loopback address such as 127.0.0.1:8686, unless http.auth says who may come in (CFG-007)',
    ],
    [
      written({ top: 'http: { listen: "0.0.0.0:8686", auth: { type: none } }' }),
      '11:17 http.listen must be a loopback address such as 127.0.0.1:8686, unless http.auth says who may come in (CFG-007)',
    ],
    [
      written({
        top: 'http: { auth: { type: proxy-header, from: ["10.0.0.0/33"], users: [{ name: jane }] } }',
      }),
      '11:44 http.auth.from[0] must be an address or a network, such as 10.1.2.3 or 10.0.0.0/8',
    ],
    [
      written({
        top: 'http: { auth: { type: proxy-header, from: ["::1"], users: [{ name: jane, customers: [nobody] }, { name: jane }] } }',
      }),
      '11:86 http.auth.users[0].customers[0] names a customer that is not defined: nobody',
    ],
    [
      written({ top: 'http: { auth: { type: token, users: [{ name: jane, tokenHash: "sha256:aa" }] } }' }),
      'must be a reference, env:NAME or file:/path, never the secret itself',
    ],
    [
      written({ top: 'http: { listen: nowhere }' }),
      '11:17 http.listen must be an address and a port, such as 127.0.0.1:8686',
    ],
    [
      written({ top: 'defaults: { poll: { baseSeconds: 0 } }' }),
      '11:34 defaults.poll.baseSeconds must be at least 1',
    ],
    [`${MINIMAL}version: 1\n`, '10:1 the file is not proper YAML: Map keys must be unique'],
    [
      'a: [1',
      '1:6 the file is not proper YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a: *b', 'the file is not proper YAML: Unresolved alias (the anchor must be set before the alias): b'],
    ['a: !!x 1', '1:4 the file is not proper YAML: Unresolved tag: tag:yaml.org,2002:x'],
  ];

  for (const [text, mistake] of rows) t.match(mistakes(text).join('\n'), mistake);
  t.end();
});

t.test('two customers may not share an account', (t) => {
  const second = `
  - id: globex
    auth: { type: default }
    accounts: { collect: ["1111-1111-1111"] }
    destinations: [siem]
destinations:`;

  const found = mistakes(MINIMAL.replace('\ndestinations:', second));

  t.same(found, [
    '10:27 customers[1].accounts.collect[0] belongs to customer acme already: 111111111111 (CFG-002)',
  ]);
  t.end();
});

t.test('all mistakes are told at once, in the order of the file', (t) => {
  const text = written({
    customer: 'regions: [x]\n    poll: { baseSeconds: 0 }',
    top: 'http: { listen: "10.0.0.1:1" }',
  })
    .replace('version: 1', 'version: 9')
    .replace('[siem]', '[gone]');

  const found = mistakes(text);

  t.same(
    found.map((mistake) => mistake.split(' ')[0]),
    ['2:10', '7:20', '8:15', '9:26', '12:17'],
  );
  t.end();
});

t.test('no mistake repeats what may be a secret', (t) => {
  const secret = 'hunter2-hunter2';
  const text = written({
    customer: `stack: ${secret}`,
    destination: `{ id: x, type: webhook, url: "https://u:${secret}@x.example.com", auth: { bearer: ${secret} } }`,
  }).replace('{ type: default }', `{ type: keys, accessKeyId: ${secret}, secretAccessKey: ${secret} }`);

  const found = mistakes(text);

  t.equal(found.length, 5);
  t.notMatch(found.join('\n'), secret);
  t.end();
});

t.test('mistakes of one kind share their code, others are CFG-001', (t) => {
  const one = { code: 'CFG-003', path: 'a', text: 'is wrong', line: 1, column: 2 } as const;
  const other = { code: 'CFG-001', path: 'b', text: 'is wrong too' } as const;

  t.match(mistakesError('f.yaml', [one]), {
    code: 'CFG-003',
    exitCode: 2,
    message: 'The configuration f.yaml has 1 mistake:\n  1:2 a is wrong (CFG-003)',
    fix: 'Correct the file, then run: guardrelay validate -c f.yaml',
  });
  t.match(mistakesError('f.yaml', [one, other]), { code: 'CFG-001', message: /has 2 mistakes:/ });
  t.end();
});

t.test('the environment overrides settings of the agent, and is checked', (t) => {
  const env = {
    GUARDRELAY_LOG_LEVEL: 'debug',
    GUARDRELAY_LOG_FORMAT: 'json',
    GUARDRELAY_DATA_DIR: '/data',
    GUARDRELAY_AGENT_ID: 'relay-7',
  };

  t.match(valid(MINIMAL, env).agent, {
    logLevel: 'debug',
    logFormat: 'json',
    dataDir: '/data',
    id: 'relay-7',
  });
  t.match(valid(MINIMAL, { GUARDRELAY_LOG_LEVEL: '' }).agent, { logLevel: 'info' });
  t.same(mistakes(MINIMAL, { GUARDRELAY_LOG_LEVEL: 'loud' }), [
    'GUARDRELAY_LOG_LEVEL must be one of error, warn, info, debug',
  ]);
  t.end();
});

t.test('the file is the one that was named, by option before environment', async (t) => {
  const folder = t.testdir({ 'a.yaml': MINIMAL, 'b.yaml': MINIMAL.replace('acme', 'globex') });
  const env = { GUARDRELAY_CONFIG: join(folder, 'b.yaml') };

  t.match(await loadConfig(join(folder, 'a.yaml'), env), { customers: [{ id: 'acme' }] });
  t.match(await loadConfig(undefined, env), { customers: [{ id: 'globex' }] });
  await t.rejects(loadConfig(join(folder, 'c.yaml'), {}), {
    code: 'CFG-006',
    exitCode: 2,
    message: /ENOENT/,
  });
  await t.rejects(loadConfig(folder, {}), { code: 'CFG-006', message: /EISDIR/ });
});

t.test('a list of accounts is looked for beside the configuration', async (t) => {
  const list = (file: string) => MINIMAL.replace('["111111111111"]', `["111111111111"], file: ${file}`);
  const folder = t.testdir({ 'a.yaml': list('customers/acme.csv'), 'b.yaml': list('/srv/acme.csv') });

  const beside = await loadConfig(join(folder, 'a.yaml'), {});
  const elsewhere = await loadConfig(join(folder, 'b.yaml'), {});

  t.equal(beside.customers[0]?.accounts.file, join(folder, 'customers', 'acme.csv'));
  t.equal(elsewhere.customers[0]?.accounts.file, '/srv/acme.csv');
});

t.test('a secret is read anew from where its reference points', async (t) => {
  const folder = t.testdir({ token: 'hunter2\n', windows: 'hunter2\r\n', blank: 'a b\n\n', empty: '\n' });
  const read = secretReader({ TOKEN: 'from-environment', EMPTY: '' });

  t.equal(await read('env:TOKEN'), 'from-environment');
  t.equal(await read(`file:${folder}/token`), 'hunter2');
  t.equal(await read(`file:${folder}/windows`), 'hunter2');
  t.equal(await read(`file:${folder}/blank`), 'a b\n', 'one line break and no more');
  const failures = [
    ['env:MISSING', /Reading the secret env:MISSING failed: the variable is not set/],
    ['env:EMPTY', /the variable is empty/],
    [`file:${folder}/none`, /ENOENT/],
    [`file:${folder}/empty`, /the file is empty/],
    ['hunter2', /Reading the secret \*\*\* failed: it is not a reference/],
  ] as const;
  for (const [reference, message] of failures) {
    await t.rejects(read(reference), { code: 'CFG-005', exitCode: 2, message });
  }
});

t.test('every secret of a configuration is found, wherever it stands', (t) => {
  const config = valid(readFileSync(new URL('guardrelay.example.yaml', CONFIG_FOLDER), 'utf8'));

  t.same(secretsIn(config), [
    { path: ['customers', 0, 'auth', 'externalId'], reference: 'file:/run/secrets/acme-external-id' },
    { path: ['customers', 1, 'auth', 'accessKeyId'], reference: 'env:GLOBEX_AWS_ACCESS_KEY_ID' },
    { path: ['customers', 1, 'auth', 'secretAccessKey'], reference: 'env:GLOBEX_AWS_SECRET_ACCESS_KEY' },
    { path: ['destinations', 0, 'proxy', 'password'], reference: 'env:PROXY_PASSWORD' },
    { path: ['destinations', 0, 'auth', 'bearer'], reference: 'env:INGEST_TOKEN' },
  ]);
  t.end();
});

t.test('what is allowed but seldom meant is a warning', (t) => {
  const config = valid(
    written({
      customer: 'regions: [us-east-1, xx-nowhere-1]\n    stack: { retentionDays: 1 }',
      destination: '{ id: unused, type: webhook, url: "https://x.example.com" }',
    }),
  );

  t.same(warningsOf(config, new Set(['us-east-1'])), [
    {
      path: ['customers', 0, 'stack', 'retentionDays'],
      text: 'loses what a destination has not taken after 1 days; 30 is usual',
      code: 'CFG-008',
    },
    {
      path: ['customers', 0, 'regions', 1],
      text: 'is no region with GuardDuty that this release knows: xx-nowhere-1',
    },
    { path: ['destinations', 1], text: 'gets nothing: no customer names unused' },
  ]);
  t.same(warningsOf(valid(MINIMAL), new Set()), []);
  t.end();
});

t.test('the committed JSON Schema is the one of this release', (t) => {
  const committed = readFileSync(new URL('guardrelay.schema.json', CONFIG_FOLDER), 'utf8');

  t.equal(
    committed,
    configurationJsonSchema(),
    'renew it with: guardrelay schema > config/guardrelay.schema.json',
  );
  t.match(JSON.parse(committed), { $schema: 'http://json-schema.org/draft-07/schema#' });
  t.end();
});

/** Names of all properties anywhere in a JSON Schema, and the nodes without a description. */
function walk(node: unknown, path: string, names: Set<string>, silent: string[]): void {
  if (Array.isArray(node))
    for (const [at, inner] of node.entries()) walk(inner, `${path}/${at}`, names, silent);
  if (!isJsonObject(node)) return;
  for (const [name, property] of Object.entries(isJsonObject(node.properties) ? node.properties : {})) {
    names.add(name);
    const described = isJsonObject(property) && (property.description ?? property.const ?? property.allOf);
    if (described === undefined) silent.push(`${path}.${name}`);
  }
  for (const [key, inner] of Object.entries(node)) walk(inner, `${path}.${key}`, names, silent);
}

t.test('every option has a description and stands in the example, which is valid', (t) => {
  const names = new Set<string>();
  const silent: string[] = [];
  walk(JSON.parse(configurationJsonSchema()), '', names, silent);
  const example = readFileSync(new URL('guardrelay.example.yaml', CONFIG_FOLDER), 'utf8');

  const missing = [...names].filter((name) => !new RegExp(`\\b${name}:`).test(example));

  t.same(mistakes(example), []);
  t.same(silent, []);
  t.same(missing, []);
  t.match(example, /^# yaml-language-server: \$schema=\.\/guardrelay\.schema\.json\n/);
  t.end();
});

t.test('the destinations and channels that the example only suggests are valid too', (t) => {
  const example = readFileSync(new URL('guardrelay.example.yaml', CONFIG_FOLDER), 'utf8');
  const all = example.replaceAll(/^ {2}# /gm, '  ');

  const types = new Set(valid(all).destinations.map(({ type }) => type));

  const channels = new Set(valid(all).notify.map(({ type }) => type));
  t.same([...types].toSorted(), [...destinationKinds().keys()].toSorted());
  t.same([...channels].toSorted(), [...optionKinds(channelOptions).keys()].toSorted());
  t.end();
});
