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
