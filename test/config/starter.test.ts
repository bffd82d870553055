import t from 'tap';

import { parseConfig } from '../../agent/config/parse.ts';
import { destinationFromUrl, type StarterDestination } from '../../agent/config/starter/destination-url.ts';
import { addCustomer, emptyConfig, type StarterCustomer } from '../../agent/config/starter/starter.ts';

const ACME: StarterCustomer = {
  id: 'acme',
  account: '012345678901',
  organization: true,
  regions: 'enabled',
  partition: 'aws',
  externalId: 'file:/etc/guardrelay/secrets/acme-external-id',
};
const GLOBEX: StarterCustomer = { ...ACME, id: 'globex', account: '210987654321', organization: false };

function recognized(url: string): StarterDestination {
  const result = destinationFromUrl(url);
  if (result.kind === 'unknown') throw new Error(`${url} ${result.why}`);
  return result.destination;
}

function valid(text: string) {
  const parsed = parseConfig(text, {});
  if (parsed.kind === 'mistaken') throw new Error(JSON.stringify(parsed.mistakes));
  return parsed.config;
}

const URLS = [
  ['syslog://siem.example.com', { type: 'syslog', transport: 'tls', host: 'siem.example.com', port: 6514 }],
  ['tls://siem.example.com:1514', { type: 'syslog', transport: 'tls', port: 1514 }],
  [
    'syslog+tcp://[::1]',
    { type: 'syslog', transport: 'tcp', host: '::1', port: 514, insecureTransport: true },
  ],
  ['udp://10.0.0.1', { type: 'syslog', transport: 'udp', host: '10.0.0.1' }],
  ['relp://siem.example.com', { type: 'relp', transport: 'tls', port: 2514 }],
  ['relp+tcp://siem.example.com:20514', { type: 'relp', transport: 'tcp', port: 20514 }],
  ['https://siem.example.com:8088', { type: 'splunk-hec', url: 'https://siem.example.com:8088' }],
  ['https://http-inputs-acme.splunkcloud.com', { type: 'splunk-hec', token: 'env:SPLUNK_HEC_TOKEN' }],
  [
    'https://es.example.com:9200',
    { type: 'elasticsearch', format: 'ecs', auth: { apiKey: 'env:ES_API_KEY' } },
  ],
  ['https://acme.es.eu-west-1.aws.elastic.cloud', { type: 'elasticsearch' }],
  [
    'https://search-acme.eu-west-1.es.amazonaws.com',
    { type: 'opensearch', auth: { sigv4: { region: 'eu-west-1' } } },
  ],
  [
    'https://abc.us-east-1.aoss.amazonaws.com',
    { type: 'opensearch', auth: { sigv4: { region: 'us-east-1', service: 'aoss' } } },
  ],
  ['https://opensearch.example.com', { type: 'opensearch' }],
  ['https://http-intake.logs.datadoghq.eu', { type: 'datadog', site: 'datadoghq.eu' }],
  ['https://us3.datadoghq.com', { type: 'datadog', site: 'us3.datadoghq.com' }],
  ['https://endpoint4.collection.sumologic.com/receiver/v1/http', { type: 'sumo-logic' }],
  ['https://loki.example.com:3100', { type: 'loki' }],
  ['https://collector.example.com:4318', { type: 'otlp' }],
  [
    'https://ingest.example.com/v1/guardduty',
    { type: 'webhook', url: 'https://ingest.example.com/v1/guardduty' },
  ],
] as const;

for (const [url, expected] of URLS) {
  t.test(`${url} becomes a valid destination of type ${expected.type}`, (t) => {
    const destination = recognized(url);

    const text = addCustomer(emptyConfig({}), ACME, destination);

    t.match(valid(text).destinations, [expected]);
    t.match(valid(text).customers, [
      { id: 'acme', topology: 'organization', accounts: { collect: ['012345678901'] } },
    ]);
    t.equal(destination.secret === undefined, !/: env:/.test(text), 'says which variable it needs');
    t.end();
  });
}

t.test('what is no SIEM is refused with an example', (t) => {
  for (const url of [
    '',
    'siem',
    'siem.example.com:514',
    'ftp://siem.example.com',
    'http://siem.example.com:8088',
  ]) {
    t.match(destinationFromUrl(url), { kind: 'unknown', why: /splunk\.example\.com/ }, url);
  }
  t.match(destinationFromUrl('https://user:secret@siem.example.com'), { why: 'must hold no credentials' });
  t.end();
});

t.test('one more customer leaves comments and others as they are, and shares the destination', (t) => {
  const first = addCustomer(
    emptyConfig({ schema: '/x.json', dataDir: '/srv/relay' }),
    ACME,
    recognized('syslog://a'),
  );
  const commented = first.replace('  - id: acme', '  # The first one.\n  - id: acme # pays well');

  const text = addCustomer(commented, GLOBEX, recognized('syslog://a'));
  const other = addCustomer(
    text,
    { ...GLOBEX, id: 'initech', account: '333333333333' },
    recognized('syslog://b'),
  );

  t.ok(
    text.startsWith(commented.slice(0, commented.indexOf('\ndestinations:'))),
    'nothing above has changed',
  );
  t.match(valid(text), { agent: { dataDir: '/srv/relay' }, destinations: { length: 1 } });
  t.match(valid(other).customers[2]?.destinations, [{ id: 'syslog-2' }]);
  t.end();
});

t.test('named regions of another partition decide the ARN of the role and the home region', (t) => {
  const china = { ...ACME, partition: 'aws-cn', regions: ['cn-northwest-1', 'cn-north-1'] };

  const [customer] = valid(addCustomer(emptyConfig({}), china, recognized('syslog://a'))).customers;

  t.match(customer, {
    auth: { roleArn: 'arn:aws-cn:iam::{account}:role/GuardRelayReader' },
    stack: { homeRegion: 'cn-northwest-1' },
  });
  t.end();
});
