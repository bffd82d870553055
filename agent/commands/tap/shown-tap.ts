import { isUtf8 } from 'node:buffer';

import { printable, printableJson } from '../../console/terminal/printable.ts';
import type { Screen } from '../../console/terminal/screen.ts';
import type { TappedJson } from './tap-target.ts';

/** How one of them is shown: whole, to people; as it is, to programs. */
export function shownTap({ output }: Screen): (tapped: TappedJson) => string | Buffer {
  switch (output) {
    case 'table':
      return onTerminal;
    case 'plain':
      return exact;
    case 'json':
    case 'ndjson':
      return asJson;
  }
}

function onTerminal({ at, source, destination, key, bytes }: TappedJson): string {
  const way = [source, destination].filter((end) => end !== undefined).join(' → ');
  const head = `── ${at.slice(11, 23)} ${way} · ${bytes.length} bytes · ${key}`;
  return `${printable(head)}\n${visible(bytes)}\n`;
}

/** Control characters written out; what is no text, as hexadecimal. */
function visible(bytes: Buffer): string {
  if (!isUtf8(bytes)) return bytes.toString('hex').replaceAll(/(..)(?=.)/g, '$1 ');
  return printable(bytes.toString());
}

/** Only the bytes of a destination have a frame, if it wants one. */
function exact({ stage, bytes }: TappedJson): Buffer {
  return stage === 'formatted' ? bytes : Buffer.concat([bytes, Buffer.from('\n')]);
}

function asJson({ bytes, ...tapped }: TappedJson): string {
  const text = isUtf8(bytes) ? { text: bytes.toString() } : { base64: bytes.toString('base64') };
  return `${printableJson({ ...tapped, ...text })}\n`;
}
