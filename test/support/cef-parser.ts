/** One CEF message, read by the implementation standard and not by our encoder. */
export interface ParsedCef {
  readonly version: string;
  /** Vendor, product, version, class id, name, severity. */
  readonly header: readonly string[];
  /** Keys in their order. */
  readonly extension: ReadonlyMap<string, string>;
}

const HEADER_PARTS = 7;

/** Throws for what the standard forbids: too few parts, an unknown escape, a key that stands twice. */
export function parseCef(line: string): ParsedCef {
  const [parts, rest] = splitHeader(line);
  const [prefix = '', ...header] = parts;
  if (!prefix.startsWith('CEF:')) throw new Error(`not CEF: ${line.slice(0, 40)}`);
  return { version: prefix.slice('CEF:'.length), header, extension: parseExtension(rest) };
}

/** Seven parts end with a pipe that no backslash stands before; the extension is what follows. */
function splitHeader(line: string): readonly [readonly string[], string] {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < line.length; at += 1) {
    const one = line.charAt(at);
    if (one === '\\') {
      at += 1;
      part += unescaped(line.charAt(at), '\\|');
    } else if (one === '|') {
      parts.push(part);
      part = '';
      if (parts.length === HEADER_PARTS) return [parts, line.slice(at + 1)];
    } else part += one;
  }
  throw new Error(`a header of ${parts.length} parts`);
}

/** A key is a word before an unescaped equals sign; its value ends at the blank before the next key. */
function parseExtension(text: string): ReadonlyMap<string, string> {
  const extension = new Map<string, string>();
  const starts = [...text.matchAll(/(?:^| )([A-Za-z0-9]+)=/g)];
  for (const [order, { index, 0: found, 1: key = '' }] of starts.entries()) {
    if (extension.has(key)) throw new Error(`${key} stands twice`);
    const end = starts[order + 1]?.index ?? text.length;
    extension.set(key, parseValue(text.slice(index + found.length, end)));
  }
  if (text !== '' && starts[0]?.index !== 0) throw new Error('text before the first key');
  return extension;
}

function parseValue(text: string): string {
  let value = '';
  for (let at = 0; at < text.length; at += 1) {
    const one = text.charAt(at);
    if (one === '=') throw new Error(`a bare equals sign: ${text.slice(0, 60)}`);
    if (one === '\\') at += 1;
    value += one === '\\' ? unescaped(text.charAt(at), '\\=nr') : one;
  }
  return value;
}

function unescaped(one: string, allowed: string): string {
  if (one === '' || !allowed.includes(one)) throw new Error(`the escape \\${one} does not exist`);
  if (one === 'n') return '\n';
  return one === 'r' ? '\r' : one;
}
