/** What stands in a text of AWS's or of somebody else; undefined where it is not JSON. */
export function parsedJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
