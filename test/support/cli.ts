import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly nodeOptions?: readonly string[];
}

/** The real command line in a process of its own, with none of the caller's configuration. */
export function runCli(
  args: readonly string[],
  { env, cwd, nodeOptions = [] }: CliOptions = {},
): Promise<CliRun> {
  const { GUARDRELAY_CONFIG: _config, GUARDRELAY_OUTPUT: _output, ...inherited } = process.env;
  const options = { env: { ...inherited, ...env }, ...(cwd === undefined ? {} : { cwd }) };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...nodeOptions, MAIN, ...args], options, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      if (typeof code === 'number') resolve({ code, stdout, stderr });
      else reject(error ?? new Error('ended without an exit code'));
    });
  });
}
