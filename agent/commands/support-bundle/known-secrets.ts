import type { Config } from '../../config/config.ts';
import type { Environment } from '../../config/environment.ts';
import { secretReader } from '../../config/secret.ts';
import { secretsIn } from '../../config/secrets-in.ts';
import { createMask, type Mask } from '../../model/mask.ts';

/** Variables that hold a secret, by their names; a URL holds one where it names a user. */
const SECRET_NAME = /secret|token|passw|key|credential|auth/i;
/** A shorter one is a word that stands elsewhere, too. */
const SHORTEST = 8;

/** Knows every secret that this process can know: a second net, in case one stands where nobody expects it. */
export async function maskOf(config: Config, env: Environment): Promise<Mask> {
  const mask = createMask();
  const read = secretReader(env);
  const references = secretsIn(config).map(({ reference }) => reference);
  const secrets = await Promise.all(
    [...new Set(references)].map((reference) => read(reference).catch(() => '')),
  );
  for (const secret of [...secrets, ...environmentSecrets(env)]) mask.hide(secret);
  return mask;
}

function environmentSecrets(env: Environment): readonly string[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    const password = value.includes('://') ? (URL.parse(value)?.password ?? '') : '';
    return [SECRET_NAME.test(name) && value.length >= SHORTEST ? value : '', password, decoded(password)];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
