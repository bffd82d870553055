import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';

import { startChild } from './child.ts';
import { freePort, untilListening } from './ports.ts';

/** A real moto server: an emulation of AWS that others wrote. */
export interface Moto {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const child = await startChild({
    command: 'moto_server',
    args: ['--host', '127.0.0.1', '--port', String(port)],
  });
  await untilListening(port);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => void (await child.end('SIGTERM')),
  };
}

/** moto takes any: it knows no secrets and checks no permissions. */
export const OPERATOR = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'none' };

/** moto tells accounts apart by the role that was assumed. */
export function motoCredentials(
  endpoint: string,
  { account, region }: { readonly account: string; readonly region: string },
) {
  return fromTemporaryCredentials({
    params: { RoleArn: `arn:aws:iam::${account}:role/producer`, RoleSessionName: 'producer' },
    clientConfig: { endpoint, region },
    masterCredentials: OPERATOR,
  });
}
