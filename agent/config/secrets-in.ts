import { secretReference } from '../model/secret.ts';
import type { ConfigPath } from './mistake.ts';

export interface NamedSecret {
  /** Where it is configured. */
  readonly path: ConfigPath;
  readonly reference: string;
}

/** Every secret reference below a value of a configuration. */
export function secretsIn(value: unknown, path: ConfigPath = []): readonly NamedSecret[] {
  if (secretReference.safeParse(value).success) return [{ path, reference: String(value) }];
  if (typeof value !== 'object' || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([key, inner]) =>
    secretsIn(inner, [...path, isList ? Number(key) : key]),
  );
}
