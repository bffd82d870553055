import type { Service } from '../service.ts';
import { AwsError } from '../service.ts';
import type { Codec, WireRequest } from './codec.ts';
import { jsonError, parseMembers } from './json.ts';

interface Route {
  readonly operation: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The values of a template's `{labels}` in a path, or undefined where it is another path. */
function matchPath(template: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = template.split('/');
  const actual = path.split('/');
  if (wanted.length !== actual.length) return undefined;
  const labels: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = actual[index] ?? '';
    if (part.startsWith('{')) labels[part.slice(1, -1)] = decodeURIComponent(value);
    else if (part !== value) return undefined;
  }
  return labels;
}

function route({ method, url }: WireRequest, { routes = {} }: Service): Route {
  for (const [operation, line] of Object.entries(routes)) {
    const [wantedMethod, template = ''] = line.split(' ');
    const labels = wantedMethod === method ? matchPath(template, url.pathname) : undefined;
    if (labels) return { operation, labels };
  }
  throw new AwsError('UnknownOperationException', `localaws has no ${method} ${url.pathname}`, 404);
}

/** REST with JSON bodies: method and path name the operation. */
export const restJsonCodec: Codec = {
  decode(request, service) {
    const { operation, labels } = route(request, service);
    const query = Object.fromEntries(request.url.searchParams);
    return { operation, input: { ...parseMembers(request.body), ...query, ...labels } };
  },
  encode: (output) => ({
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(output ?? {}),
  }),
  encodeError: jsonError,
};
