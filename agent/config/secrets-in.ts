import { secretReference } from '../model/secret.ts';
import { type ConfigPath, pathText } from './mistake.ts';

export interface NamedSecret {
  /** Where it is configured. */
  readonly path: string;
  readonly reference: string;
}

/** Every secret reference below a value of a configuration. */
export function secretsIn(value: unknown, path: ConfigPath = []): readonly NamedSecret[] {
  if (secretReference.safeParse(value).success) return [{ path: pathText(path), reference: String(value) }];
  if (typeof value !== 'object' || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([key, inner]) =>
    secretsIn(inner, [...path, isList ? Number(key) : key]),
  );
}
