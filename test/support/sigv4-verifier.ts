import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A request as it came over the wire. */
export interface SignedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly wire: Buffer;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=[^/]+\/(?<scope>[^,]+), ?SignedHeaders=(?<names>[^,]+), ?Signature=(?<signature>\w+)$/;

/** What a signature of version 4 should be and is, made from the specification: for services other than S3. */
export function signaturesOf(request: SignedRequest, secret: string) {
  const {
    scope = '',
    names = '',
    signature = '',
  } = AUTHORIZATION.exec(request.headers.authorization ?? '')?.groups ?? {};
  const [day = '', region = '', service = '', end = ''] = scope.split('/');
  const text = [
    'AWS4-HMAC-SHA256',
    request.headers['x-amz-date'],
    scope,
    sha256(canonical(request, names)),
  ].join('\n');
  const key = [day, region, service, end].reduce(
    (made: string | Buffer, part) => hmac(made, part),
    `AWS4${secret}`,
  );
  return { right: hmac(key, text).toString('hex'), found: signature, scope, names: names.split(';') };
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function canonical({ method, path, headers, wire }: SignedRequest, names: string): string {
  const [pathname = '', query = ''] = path.split('?');
  const lines = names
    .split(';')
    .map((name) => `${name}:${[headers[name]].join().trim().replaceAll(/ +/g, ' ')}\n`);
  return [
    method,
    encoded(pathname),
    query.split('&').sort().join('&'),
    lines.join(''),
    names,
    sha256(wire),
  ].join('\n');
}

/** Each part of the path is encoded once more than it already is. */
function encoded(pathname: string): string {
  return pathname.split('/').map(encodeURIComponent).join('/');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
