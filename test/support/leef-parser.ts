/** One LEEF 2.0 message, read by IBM's format guide and not by our encoder. */
export interface ParsedLeef {
  /** Vendor, product, version, event id. */
  readonly header: readonly string[];
  readonly attributes: ReadonlyMap<string, string>;
}

/** Throws for what the guide forbids: a wrong header, an attribute without a key, one that stands twice. */
export function parseLeef(line: string): ParsedLeef {
  const [prefix, vendor = '', product = '', version = '', eventId = '', separator = '', ...rest] =
    line.split('|');
  if (prefix !== 'LEEF:2.0') throw new Error(`not LEEF 2.0: ${line.slice(0, 40)}`);
  const [, hex] = /^(?:0?x)([0-9a-fA-F]{2,4})$/.exec(separator) ?? [];
  if (!hex) throw new Error(`no separator: ${separator}`);
  const attributes = new Map<string, string>();
  for (const pair of rest.join('|').split(String.fromCodePoint(Number.parseInt(hex, 16)))) {
    const [, key, value] = /^([A-Za-z0-9]+)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined || value === undefined) throw new Error(`no attribute: ${pair.slice(0, 60)}`);
    if (attributes.has(key)) throw new Error(`${key} stands twice`);
    attributes.set(key, value);
  }
  return { header: [vendor, product, version, eventId], attributes };
}
