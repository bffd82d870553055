/** A message as RFC 5424 section 6 defines it; a field that is the NILVALUE is undefined. */
interface SyslogMessage {
  readonly facility: number;
  readonly severity: number;
  readonly timestamp: string | undefined;
  readonly hostname: string | undefined;
  readonly appName: string | undefined;
  readonly procId: string | undefined;
  readonly msgId: string | undefined;
  readonly elements: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Without its BOM. */
  readonly text: string | undefined;
  readonly hasBom: boolean;
}

// The ABNF, rule by rule. A message is scanned as latin1, so that one character is one octet.
const PRI = /<(0|[1-9]\d{0,2})>/y;
const VERSION = /[1-9]\d{0,2}/y;
const TIMESTAMP =
  /-(?= )|\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)/y;
const SP = / /y;
const NIL = /-/y;
const OPEN = /\[/y;
const CLOSE = /\]/y;
const SD_NAME = /[!#-<>-\\^-~]{1,32}/y;
/** PARAM-VALUE in its quotes. */
const VALUE = /="((?:[^"\\\]]|\\.)*)"/sy;
const BOM = '\u{EF}\u{BB}\u{BF}';

const printable = (most: number): RegExp => new RegExp(`[!-~]{1,${most}}`, 'y');

/** Reads one message and throws where it leaves the grammar. Stricter than any receiver is. */
export function parseRfc5424(message: Buffer): SyslogMessage {
  const scanner = createScanner(message.toString('latin1'));
  const priority = Number(scanner.take('PRI', PRI)[1]);
  if (priority > 191) throw new Error(`PRIVAL ${priority} is more than 191`);
  scanner.take('VERSION', VERSION);
  const field = (name: string, pattern: RegExp): string | undefined => {
    scanner.take(`SP before ${name}`, SP);
    const [value] = scanner.take(name, pattern);
    return value === '-' ? undefined : value;
  };
  return {
    facility: priority >> 3,
    severity: priority & 7,
    timestamp: field('TIMESTAMP', TIMESTAMP),
    hostname: field('HOSTNAME', printable(255)),
    appName: field('APP-NAME', printable(48)),
    procId: field('PROCID', printable(128)),
    msgId: field('MSGID', printable(32)),
    elements: structuredDataOf(scanner),
    ...textOf(scanner),
  };
}

type Scanner = ReturnType<typeof createScanner>;

function createScanner(text: string) {
  let at = 0;
  return {
    get ended() {
      return at === text.length;
    },
    sees(pattern: RegExp): boolean {
      pattern.lastIndex = at;
      return pattern.test(text);
    },
    take(what: string, pattern: RegExp): RegExpExecArray {
      pattern.lastIndex = at;
      const found = pattern.exec(text);
      if (!found) throw new Error(`no ${what} at octet ${at}: ${text.slice(at, at + 40)}`);
      at += found[0].length;
      return found;
    },
    rest: () => text.slice(at),
  };
}

function structuredDataOf(scanner: Scanner): SyslogMessage['elements'] {
  const elements = new Map<string, Record<string, string>>();
  scanner.take('SP before STRUCTURED-DATA', SP);
  if (!scanner.sees(OPEN)) scanner.take('STRUCTURED-DATA', NIL);
  while (scanner.sees(OPEN)) {
    scanner.take('SD-ELEMENT', OPEN);
    const [id] = scanner.take('SD-ID', SD_NAME);
    if (elements.has(id)) throw new Error(`SD-ID ${id} stands twice`);
    const params: Record<string, string> = {};
    while (scanner.sees(SP)) {
      scanner.take('SP before SD-PARAM', SP);
      const [name] = scanner.take('PARAM-NAME', SD_NAME);
      params[name] = unescaped(scanner.take('PARAM-VALUE', VALUE)[1] ?? '');
    }
    scanner.take('end of SD-ELEMENT', CLOSE);
    elements.set(id, params);
  }
  return elements;
}

/** 6.3.3: a backslash before any other character is a backslash. */
function unescaped(value: string): string {
  return utf8(value.replaceAll(/\\(["\\\]])/g, '$1'));
}

function textOf(scanner: Scanner): Pick<SyslogMessage, 'text' | 'hasBom'> {
  if (scanner.ended) return { text: undefined, hasBom: false };
  scanner.take('SP before MSG', SP);
  const octets = scanner.rest();
  const hasBom = octets.startsWith(BOM);
  return { hasBom, text: utf8(hasBom ? octets.slice(BOM.length) : octets) };
}

/** UTF-8 in the shortest form, as RFC 3629 has it. */
function utf8(octets: string): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(octets, 'latin1'));
}
