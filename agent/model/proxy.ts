/** A forward proxy for HTTP. */
export interface ProxyServer {
  readonly host: string;
  readonly port: number;
  /** TLS is spoken with the proxy itself. */
  readonly secure: boolean;
  /** Value of the header Proxy-Authorization. */
  readonly authorization?: string;
}

/** Which proxy the way to a URL goes through; undefined: none. */
export type ProxyChoice = (url: URL) => ProxyServer | undefined;

/** RFC 7617. */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
