import { drawToken, hashPassword, hashToken } from '../../console/auth/secret-hash.ts';
import { EXIT, type ExitCode, GuardrelayError } from '../../model/error.ts';
import { stopSignal } from '../stop-signal.ts';
import { askSecret } from './ask-secret.ts';

/** NIST SP 800-63B-4 wants 15 where a password stands alone. */
const LEAST_CHARACTERS = 15;

/** Prints a hash on stdout and nothing else: the secret itself is for the person alone. */
export async function printHash({ password }: { readonly password: boolean }): Promise<ExitCode> {
  if (password) return await printPasswordHash(stopSignal());
  const token = drawToken();
  process.stderr.write(`Token, shown this once: ${token}\n`);
  process.stdout.write(`${hashToken(token)}\n`);
  return EXIT.done;
}

async function printPasswordHash(stop: AbortSignal): Promise<ExitCode> {
  const password = await askSecret('Password: ', stop);
  if (stop.aborted) return EXIT.interrupted;
  if (password.length < LEAST_CHARACTERS) {
    throw new GuardrelayError('CLI-001', `The password has fewer than ${LEAST_CHARACTERS} characters.`, {
      exitCode: EXIT.usage,
      fix: 'Take several words, or use a token: guardrelay hash-token',
    });
  }
  if (process.stdin.isTTY && (await askSecret('Again: ', stop)) !== password) {
    throw new GuardrelayError('CLI-001', 'The two passwords differ.', {
      exitCode: EXIT.usage,
      fix: 'Type it twice: guardrelay hash-token --password',
    });
  }
  process.stdout.write(`${await hashPassword(password)}\n`);
  return EXIT.done;
}
