import { z } from 'zod';

/** What an error of the AWS SDK, or of the network under it, says. */
export interface ErrorFacts {
  readonly name: string;
  /** One line without secrets: name, message, request id. */
  readonly said: string;
  readonly isThrottling: boolean;
  readonly isNetwork: boolean;
}

const errorShape = z.object({
  name: z.string().catch('Error'),
  message: z.string().catch(''),
  code: z.string().optional().catch(undefined),
  cause: z.unknown().optional(),
  errors: z.array(z.unknown()).optional().catch(undefined),
  $metadata: z
    .object({ httpStatusCode: z.number().optional(), requestId: z.string().optional() })
    .optional()
    .catch(undefined),
});

type ErrorShape = z.infer<typeof errorShape>;

const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'EPROTO',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
  // A proxy refused the tunnel; what we abort ourselves has no code.
  'UND_ERR_ABORTED',
  'UND_ERR_PRX_CONN',
  'UND_ERR_PRX_TLS',
]);

/** What Node says when a certificate does not convince it. */
const TLS_CODE = /^(ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_)/;

/** The codes that the SDK itself counts as throttling, and those that it misses. */
const THROTTLING = /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|BandwidthLimitExceeded/;

/** Signature errors quote the canonical request, and with it the session token. */
const QUOTES_REQUEST = /Signature/;

const MAX_MESSAGE_CHARACTERS = 400;

export function errorFacts(error: unknown): ErrorFacts {
  const shape = errorShape.safeParse(error).data;
  if (!shape) return { name: 'Error', said: '', isThrottling: false, isNetwork: false };
  const network = networkError(shape);
  return {
    name: shape.name,
    said: said(shape, network),
    isThrottling: isThrottling(shape),
    isNetwork: network !== undefined,
  };
}

function isThrottling({ name, message, $metadata }: ErrorShape): boolean {
  return $metadata?.httpStatusCode === 429 || THROTTLING.test(name) || /^rate exceeded/i.test(message);
}

/** The error of the socket, wherever it hides: Node wraps it in `cause`, and in `errors` for several addresses. */
function networkError(error: unknown, depth = 0): ErrorShape | undefined {
  const shape = depth < 4 ? errorShape.safeParse(error).data : undefined;
  if (!shape) return undefined;
  if (shape.code && (NETWORK_CODES.has(shape.code) || TLS_CODE.test(shape.code))) return shape;
  for (const inner of [shape.cause, ...(shape.errors ?? [])]) {
    const found = networkError(inner, depth + 1);
    if (found) return found;
  }
  return undefined;
}

function said(shape: ErrorShape, network: ErrorShape | undefined): string {
  if (network) return oneLine(`${network.code}: ${network.message}`);
  const { requestId } = shape.$metadata ?? {};
  return oneLine(words(shape)) + (requestId ? `, request ${requestId}` : '');
}

function words({ name, message, $metadata }: ErrorShape): string {
  // The SDK failed to parse the body: a proxy's page, or an answer that was cut off.
  if (name === 'SyntaxError')
    return `HTTP ${$metadata?.httpStatusCode ?? 'answer'}, not in the language of AWS`;
  return QUOTES_REQUEST.test(name) || message === '' ? name : `${name}: ${message}`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_MESSAGE_CHARACTERS);
}
