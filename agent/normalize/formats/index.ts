import type { Format, FormatName } from '../../model/format.ts';
import { json } from './json.ts';
import { raw } from './raw.ts';

const formats: Readonly<Record<FormatName, Format>> = { raw, json };

export function formatNamed(name: FormatName): Format {
  return formats[name];
}
