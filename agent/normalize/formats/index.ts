import type { Format, FormatName } from '../../model/format.ts';
import { detail } from './detail.ts';
import { json } from './json.ts';
import { ocsf } from './ocsf/ocsf.ts';
import { raw } from './raw.ts';
import { wazuh } from './wazuh.ts';

const formats: Readonly<Record<FormatName, Format>> = { raw, detail, json, ocsf, wazuh };

export function formatNamed(name: FormatName): Format {
  return formats[name];
}
