import { readFile } from 'node:fs/promises';

import { EXIT, GuardrelayError } from '../model/error.ts';
import type { SecretReader } from '../model/secret.ts';
import type { Environment } from './environment.ts';

interface Refusal {
  readonly reference: string;
  readonly why: string;
  readonly fix: string;
  readonly cause?: unknown;
}

function refusal({ reference, why, fix, cause }: Refusal): GuardrelayError {
  const message = `Reading the secret ${reference} failed: ${why}`;
  return new GuardrelayError('CFG-005', message, { exitCode: EXIT.usage, fix, cause });
}

function fromEnvironment(reference: string, env: Environment): string {
  const name = reference.slice('env:'.length);
  const secret = env[name];
  if (secret) return secret;
  const why = secret === undefined ? 'the variable is not set' : 'the variable is empty';
  throw refusal({ reference, why, fix: `Set the environment variable ${name} for the agent.` });
}

async function fromFile(reference: string): Promise<string> {
  const file = reference.slice('file:'.length);
  const fix = `Put the secret into ${file}, readable by the user that runs the agent (mode 0600).`;
  const content = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw refusal({ reference, why: cause instanceof Error ? cause.message : String(cause), fix, cause });
  });
  const secret = content.replace(/\r?\n$/, '');
  if (secret === '') throw refusal({ reference, why: 'the file is empty', fix });
  return secret;
}

/** Reads `env:` from these variables and `file:` anew at each call. */
export function secretReader(env: Environment): SecretReader {
  return async (reference) => {
    if (reference.startsWith('env:')) return fromEnvironment(reference, env);
    if (reference.startsWith('file:')) return await fromFile(reference);
    const fix = 'Write env:NAME or file:/path in the configuration.';
    // A literal secret may stand here, so it is not repeated.
    throw refusal({ reference: '***', why: 'it is not a reference', fix });
  };
}

export const readSecret: SecretReader = secretReader(process.env);
