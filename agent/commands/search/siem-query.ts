import type { DestinationOptions } from '../../ship/sinks/index.ts';

/** The account that a search pattern is after, whatever stands around it; undefined: something else. */
export function accountIn(pattern: string): string | undefined {
  const digits = pattern.replaceAll(/^\*+|\*+$|-/g, '');
  return /^\d{12}$/.test(digits) ? digits : undefined;
}

/**
 * How to look for an account in a destination, such as `in Splunk: index=aws "123456789123"`; undefined where the
 * options do not tell.
 */
export function siemQuery(options: DestinationOptions, account: string): string | undefined {
  switch (options.type) {
    case 'splunk-hec':
      return options.index && `in Splunk: index=${options.index} "${account}"`;
    case 'elasticsearch':
      return fieldQuery('Elasticsearch', options, account);
    case 'opensearch':
      return fieldQuery('OpenSearch', options, account);
    case 'loki':
      return `in Loki: {${selectorOf(options.labels)}} |= "${account}"`;
    case 'datadog':
      return `in Datadog: account_id:${account}`;
    case 'sumo-logic':
      return categoryQuery(options.category, account);
    case 'google-secops':
      return `in Google SecOps: raw = "${account}"`;
    case 'syslog':
    case 'relp':
    case 'webhook':
    case 'otlp':
    case 'sentinel':
      return undefined;
  }
}

type Documents = Extract<DestinationOptions, { type: 'elasticsearch' | 'opensearch' }>;

/** Only where a format of ours names the fields. */
function fieldQuery(product: string, { format, dataStream, index }: Documents, account: string) {
  const name = dataStream ?? index;
  const field = { ecs: 'cloud.account.id', ocsf: 'cloud.account.uid' }[String(format)];
  return name && field && `in ${product}: ${name}, ${field}:${account}`;
}

function selectorOf(labels: Readonly<Record<string, string>>): string {
  const [first] = Object.entries(labels);
  // Loki wants one label at least, and this one is on every stream.
  if (!first) return 'customer=~".+"';
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',');
}

/** A category that has to be quoted is left out. */
function categoryQuery(category: string | undefined, account: string): string | undefined {
  const isPlain = category !== undefined && /^[\w/.-]+$/.test(category);
  return isPlain ? `in Sumo Logic: _sourceCategory=${category} ${account}` : undefined;
}
