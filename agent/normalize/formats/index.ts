import type { Format, FormatName } from '../../model/format.ts';
import { cef } from './cef/cef.ts';
import { detail } from './detail.ts';
import { ecs } from './ecs/ecs.ts';
import { json } from './json.ts';
import { leef } from './leef/leef.ts';
import { ocsf } from './ocsf/ocsf.ts';
import { raw } from './raw.ts';
import { wazuh } from './wazuh.ts';

const formats: Readonly<Record<FormatName, Format>> = { raw, detail, json, ocsf, ecs, cef, leef, wazuh };

export function formatNamed(name: FormatName): Format {
  return formats[name];
}
