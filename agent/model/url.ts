/** The host as sockets want it: an IPv6 address without its brackets. */
export function hostOf(url: URL | null): string {
  return url?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
}

/** The port that is meant where none is written, too. */
export function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === 'https:' ? 443 : 80));
}

/** How a host and its port are named in messages and in HTTP. */
export function authorityOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether a user name or a password stands in it. */
export function hasCredentials(url: URL | null): boolean {
  return url !== null && url.username + url.password !== '';
}
