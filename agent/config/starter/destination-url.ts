import type { JsonObject } from '../../model/json.ts';

/** What a destination of the configuration begins with, as a URL tells it. */
export interface StarterDestination {
  /** For people: `Splunk HEC`. */
  readonly product: string;
  readonly entry: JsonObject & { readonly id: string; readonly type: string };
  /** Environment variable that the entry refers to, and what belongs into it. */
  readonly secret?: { readonly variable: string; readonly what: string };
}

export type Recognized =
  | { readonly kind: 'recognized'; readonly destination: StarterDestination }
  | { readonly kind: 'unknown'; readonly why: string };

interface Product {
  readonly name: string;
  is(url: URL): boolean;
  make(url: URL): Omit<StarterDestination, 'product'>;
}

const EXAMPLES = 'https://splunk.example.com:8088 or syslog://siem.example.com';
const DATA_STREAM = 'logs-guardrelay-default';

/** Tried in this order; by name first, by the product's usual port then. */
const PRODUCTS: readonly Product[] = [
  { name: 'syslog over TLS', is: hasScheme('syslog', 'syslog+tls', 'tls'), make: syslog(6514) },
  { name: 'syslog over TCP, in clear text', is: hasScheme('syslog+tcp', 'tcp'), make: syslog(514, 'tcp') },
  { name: 'syslog over UDP, in clear text', is: hasScheme('syslog+udp', 'udp'), make: syslog(514, 'udp') },
  { name: 'RELP over TLS', is: hasScheme('relp', 'relp+tls'), make: relp(2514) },
  { name: 'RELP over TCP, in clear text', is: hasScheme('relp+tcp'), make: relp(2514, 'tcp') },
  { name: 'Datadog', is: hasHost(/(^|\.)(datadoghq\.|ddog-gov\.)/), make: datadog },
  {
    name: 'Sumo Logic',
    is: hasHost(/(^|\.)sumologic\.(com|net)$/),
    make: tokenOf(
      'sumo-logic',
      'SUMO_SOURCE_TOKEN',
      'what follows the last slash of the address of the source',
    ),
  },
  {
    name: 'Splunk HEC',
    is: (url) => hasHost(/splunk/)(url) || url.port === '8088',
    make: tokenOf('splunk-hec', 'SPLUNK_HEC_TOKEN', 'the token of the HTTP event collector'),
  },
  { name: 'OpenSearch', is: hasHost(/opensearch|\.(es|aoss)\.amazonaws\./), make: opensearch },
  {
    name: 'Elasticsearch',
    is: (url) => hasHost(/elastic|(^|\.)es\./)(url) || url.port === '9200',
    make: elasticsearch,
  },
  {
    name: 'Loki',
    is: (url) => url.port === '3100' || url.pathname.startsWith('/loki/'),
    make: plain('loki'),
  },
  { name: 'OTLP', is: (url) => url.port === '4318', make: plain('otlp') },
  { name: 'webhook', is: hasScheme('https'), make: plain('webhook') },
];

/** What a URL that a person gives for a SIEM means in the configuration. */
export function destinationFromUrl(written: string): Recognized {
  const url = URL.parse(written);
  if (!url?.hostname) return unknown(`is no URL such as ${EXAMPLES}`);
  if (url.username || url.password) return unknown('must hold no credentials');
  if (url.protocol === 'http:')
    return unknown(`must not cross the network in clear text, but as in ${EXAMPLES}`);
  const product = PRODUCTS.find(({ is }) => is(url));
  if (!product) return unknown(`begins with ${url.protocol}//, not as in ${EXAMPLES}`);
  return { kind: 'recognized', destination: { product: product.name, ...product.make(url) } };
}

function unknown(why: string): Recognized {
  return { kind: 'unknown', why };
}

function hasScheme(...schemes: readonly string[]): Product['is'] {
  return ({ protocol }) => schemes.includes(protocol.slice(0, -1));
}

function hasHost(pattern: RegExp): Product['is'] {
  return ({ hostname }) => pattern.test(hostname);
}

function syslog(usualPort: number, transport: 'tls' | 'tcp' | 'udp' = 'tls'): Product['make'] {
  return (url) => ({ entry: { id: 'syslog', type: 'syslog', ...lineOf(url, usualPort, transport) } });
}

function relp(usualPort: number, transport: 'tls' | 'tcp' = 'tls'): Product['make'] {
  return (url) => ({ entry: { id: 'relp', type: 'relp', ...lineOf(url, usualPort, transport) } });
}

function lineOf({ hostname, port }: URL, usualPort: number, transport: string): JsonObject {
  const host = hostname.replace(/^\[|\]$/g, '');
  const clear = transport === 'tls' ? {} : { transport, insecureTransport: true };
  return { host, port: port === '' ? usualPort : Number(port), ...clear };
}

function plain(type: string): Product['make'] {
  return (url) => ({ entry: { id: type, type, url: url.href } });
}

function tokenOf(type: string, variable: string, what: string): Product['make'] {
  return (url) => ({
    entry: { id: type, type, url: trimmed(url), token: `env:${variable}` },
    secret: { variable, what },
  });
}

function datadog({ hostname }: URL): Omit<StarterDestination, 'product'> {
  const site = hostname.replace(/^(http-intake\.logs|app|api|www)\./, '');
  return {
    entry: { id: 'datadog', type: 'datadog', site, apiKey: 'env:DATADOG_API_KEY' },
    secret: { variable: 'DATADOG_API_KEY', what: 'an API key (not an application key)' },
  };
}

function elasticsearch(url: URL): Omit<StarterDestination, 'product'> {
  return {
    entry: {
      ...{ id: 'elasticsearch', type: 'elasticsearch', url: trimmed(url), dataStream: DATA_STREAM },
      auth: { apiKey: 'env:ES_API_KEY' },
      format: 'ecs',
    },
    secret: { variable: 'ES_API_KEY', what: 'an API key that may write to that data stream' },
  };
}

function opensearch(url: URL): Omit<StarterDestination, 'product'> {
  const entry = { id: 'opensearch', type: 'opensearch', url: trimmed(url), dataStream: DATA_STREAM };
  const [, region, service] = /\.([a-z0-9-]+)\.(es|aoss)\.amazonaws\./.exec(url.hostname) ?? [];
  if (region !== undefined) {
    return { entry: { ...entry, auth: { sigv4: { region, ...(service === 'aoss' && { service }) } } } };
  }
  return {
    entry: { ...entry, auth: { bearer: 'env:OPENSEARCH_TOKEN' } },
    secret: { variable: 'OPENSEARCH_TOKEN', what: 'a token that may write to that data stream' },
  };
}

/** Without the slash that a URL gains by being parsed. */
function trimmed({ href }: URL): string {
  return href.replace(/\/$/, '');
}
