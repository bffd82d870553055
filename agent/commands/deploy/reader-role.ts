import type { ResolvedCustomer } from '../../config/config.ts';
import { readSecret } from '../../config/secret.ts';
import type { ReaderRole } from '../../deploy/reader-request.ts';

/** The ExternalId is what the configuration assumes the role with. */
export async function readerRoleFor(
  { auth }: ResolvedCustomer,
  relayPrincipalArn: string,
): Promise<ReaderRole> {
  const externalId = auth.type === 'assumeRole' ? await readSecret(auth.externalId) : '';
  return { relayPrincipalArn, externalId };
}
