import type { ErrorCode } from '../../model/error.ts';

/** The next step for a person, by the code of what went wrong. */
export function fixFor(code: ErrorCode, place: string, found: string): string {
  if (found.startsWith('the proxy') || found.startsWith('the name in the proxy')) return PROXY_FIX;
  return FIXES.get(code)?.(place) ?? `Do what docs/errors/${code}.md says.`;
}

const PROXY_FIX = 'Look at the proxy, and at proxy or HTTPS_PROXY; with proxy: none it is left out.';

type Fix = (place: string) => string;

const FIXES: ReadonlyMap<ErrorCode, Fix> = new Map<ErrorCode, Fix>([
  ['DST-001', (place) => `Correct the name, or the DNS of this machine: getent hosts ${hostIn(place)}`],
  [
    'DST-002',
    (place) =>
      `Start the receiver, or open the way to it from here: nc -v ${place.replace(/:(\d+)$/, ' $1')}`,
  ],
  ['DST-003', (place) => `Compare the certificate with the tls options: openssl s_client -connect ${place}`],
  [
    'DST-004',
    () => 'Put valid credentials where the secret references point; a file is read anew by itself.',
  ],
  ['DST-005', () => "Look at the receiver's own log; framing and sizes must be what it expects."],
  ['DST-007', () => 'Correct type, address, port and path of the destination.'],
  ['CFG-005', () => 'Make the secret readable for the user who runs this.'],
]);

function hostIn(place: string): string {
  return place.replace(/:\d+$/, '');
}
