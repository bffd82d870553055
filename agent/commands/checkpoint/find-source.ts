import type { SourceStatus } from '../../checkpoint/store.ts';
import { EXIT, GuardrelayError } from '../../model/error.ts';

const MAX_SHOWN = 10;

/** The source that `name` means: a whole key, or whole parts of one, such as `ACCOUNT/REGION`. */
export function findSource(statuses: readonly SourceStatus[], name: string): SourceStatus {
  const found = statuses.filter(({ spec }) => isNamed(spec.source, name));
  const [only, ...others] = found;
  if (only && others.length === 0) return only;
  const what = only ? `means ${found.length} sources` : 'is no source that the store knows';
  throw new GuardrelayError('CLI-001', [`${name} ${what}`, ...shown(only ? found : statuses)].join('\n  '), {
    exitCode: EXIT.usage,
    fix: 'Name one source, by its whole key or by a part that no other has, such as ACCOUNT/REGION.',
  });
}

/** `123456789012/eu-west-1` is a part of `acme/123456789012/eu-west-1:/aws/…`, `2/eu-west-1` is not. */
function isNamed(source: string, name: string): boolean {
  if (source === name) return true;
  return name !== '' && `/${source}:`.replaceAll(':', '/').includes(`/${name}/`.replaceAll(':', '/'));
}

function shown(statuses: readonly SourceStatus[]): readonly string[] {
  const keys = statuses.slice(0, MAX_SHOWN).map(({ spec }) => spec.source);
  const more = statuses.length - keys.length;
  return more > 0 ? [...keys, `and ${more} more`] : keys;
}
