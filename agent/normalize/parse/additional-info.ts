import { isJsonObject, type JsonObject } from '../../model/json.ts';
import { objectOf, textOf } from '../lenient.ts';

function parsedObject(text: string): JsonObject {
  if (!text.startsWith('{')) return {};
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** `service.additionalInfo`, whose `value` often is JSON in a string; what stands beside it wins. */
export function additionalInfoOf(service: JsonObject): JsonObject {
  const info = objectOf(service.additionalInfo);
  const text = textOf(info.value);
  return text === undefined ? info : { ...parsedObject(text), ...info };
}
