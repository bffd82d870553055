/** What the credential scope of a signature says: who calls which service where. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

const CREDENTIAL =
  /Credential=(?<accessKeyId>[^/]+)\/\d{8}\/(?<region>[^/]+)\/(?<service>[^/]+)\/aws4_request/;

/**
 * Reads the credential scope of an Authorization header (Signature Version 4). The signature itself is
 * not verified: the embedded AWS listens on loopback and tells callers apart, it does not keep them out.
 */
export function credentialScope(authorization: string | undefined): CredentialScope | undefined {
  const { accessKeyId, region, service } = CREDENTIAL.exec(authorization ?? '')?.groups ?? {};
  if (accessKeyId === undefined || region === undefined || service === undefined) return undefined;
  return { accessKeyId, region, service };
}
