import { join } from 'node:path';

import { z } from 'zod';

import { freePort, untilListening } from './ports.ts';
import { type ServerProgram, serverProgram } from './server-program.ts';

const rowSchema = z.record(z.string(), z.string());

/** A real VictoriaLogs: its tenants tell apart what came by which of its protocols. */
export interface VictoriaLogs extends ServerProgram {
  readonly url: string;
  /** A field, else the text, of each record of a tenant that its search finds; of all by default. */
  search(tenant: number, query?: string, field?: string): Promise<readonly (string | undefined)[]>;
}

/** The header that puts what is sent into the hands of a tenant. */
export function tenantHeader(tenant: number): Readonly<Record<string, string>> {
  return { AccountID: String(tenant) };
}

export async function startVictoriaLogs(directory: string): Promise<VictoriaLogs> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = [
    `-httpListenAddr=127.0.0.1:${port}`,
    `-storageDataPath=${join(directory, 'victoria-logs')}`,
    // It would take a text that is JSON apart, and keep no text.
    '-loki.disableMessageParsing',
  ];
  const program = serverProgram({ command: 'victoria-logs', args }, () => untilListening(port));
  await program.start();

  return {
    ...program,
    url,
    async search(tenant, query = '*', field = '_msg') {
      await ask(`${url}/internal/force_flush`);
      const parameters = new URLSearchParams({ query: `(${query}) _time:100y` });
      const rows = await ask(`${url}/select/logsql/query?${parameters}`, tenantHeader(tenant));
      const lines = rows.split('\n').slice(0, -1);
      return lines.map((line) => rowSchema.parse(JSON.parse(line))[field]);
    },
  };
}

async function ask(url: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const answer = await fetch(url, { headers });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`VictoriaLogs answers ${answer.status}: ${text}`);
  return text;
}
