import type { EncodedRecord } from '../../model/batch.ts';
import type { Rendered } from '../../model/format.ts';
import type { RenderableRec } from '../../model/record.ts';

/** How a stream tells messages apart. */
export const FRAMINGS = ['octet-counting', 'lf'] as const;
export type Framing = (typeof FRAMINGS)[number];

interface MessageForm {
  /** Goes before every text. */
  readonly head: string;
  /** `none`: the protocol below has its own way, as a datagram or a RELP frame. */
  readonly framing: Framing | 'none';
  /** Of one message with its head, without its frame. */
  readonly maxBytes: number;
}

/** The framed messages of one record. A text that the format left too long is cut: the receiver never has to. */
export function encodeMessages(record: RenderableRec, rendered: Rendered, form: MessageForm): EncodedRecord {
  const whole = rendered.texts.map((text) => form.head + oneMessage(text));
  const messages = whole.map((message) => cutUtf8(message, form.maxBytes));
  return {
    id: record.key,
    record,
    ...joined(messages, form.framing),
    truncated: rendered.truncated || messages.some((message, index) => message !== whole[index]),
  };
}

function joined(
  messages: readonly string[],
  framing: Framing | 'none',
): Pick<EncodedRecord, 'bytes' | 'parts'> {
  if (framing !== 'none') {
    return { bytes: Buffer.from(messages.map((message) => frame(message, framing)).join('')) };
  }
  const bytes = Buffer.from(messages.join(''));
  let end = 0;
  const parts = messages.map((message) => {
    const start = end;
    end += Buffer.byteLength(message);
    return bytes.subarray(start, end);
  });
  return { bytes, parts };
}

/** Every control character but the tab, which LEEF needs: nothing in a record may forge a second message. */
const CONTROL = /[^\P{Cc}\t]/gu;
const BOM = /^\u{FEFF}/u;

/** One line; controls become `\u001b` and the like, which inside JSON text means the same. */
function oneMessage(text: string): string {
  return text
    .replace(BOM, '')
    .replaceAll(CONTROL, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** At most `maxBytes` of UTF-8, cut at the border of a code point. */
export function cutUtf8(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const bytes = Buffer.from(text);
  let end = maxBytes;
  while (end > 0 && isContinuation(bytes[end])) end -= 1;
  return bytes.toString('utf8', 0, end);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** RFC 6587 3.4.1 and 3.4.2. The count is of bytes, and of the message as it was cut. */
function frame(message: string, framing: Framing): string {
  switch (framing) {
    case 'octet-counting':
      return `${Buffer.byteLength(message)} ${message}`;
    case 'lf':
      return `${message}\n`;
  }
}
