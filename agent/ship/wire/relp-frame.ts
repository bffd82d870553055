import { oneLine } from './fault.ts';

/** `TXNR SP COMMAND SP DATALEN [SP DATA] LF`: all that RELP consists of. */
export interface RelpFrame {
  /** 0 is for hints, which nobody answers. */
  readonly txnr: number;
  readonly command: string;
  readonly data: Buffer;
}

const LF = 0x0a;
const TRAILER = Buffer.of(LF);

/** DATALEN counts the data alone. Without data there is no blank after it. */
export function encodeFrame({ txnr, command, data }: RelpFrame): Buffer {
  const header = `${txnr} ${command} ${data.length}`;
  return data.length === 0
    ? Buffer.from(`${header}\n`)
    : Buffer.concat([Buffer.from(`${header} `), data, TRAILER]);
}

/** What a chunk of the stream completed. After a fault nothing that follows can be told apart. */
export interface Read {
  readonly frames: readonly RelpFrame[];
  /** For messages: what cannot be a frame. */
  readonly fault?: string;
}

/** Takes a stream apart, however it was split on its way. Holds one frame of `maxDataBytes` at most. */
export function createFrameReader(maxDataBytes: number): (chunk: Buffer) => Read {
  let rest = Buffer.alloc(0);

  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const frames: RelpFrame[] = [];
    for (;;) {
      const parsed = parseFrame(rest, maxDataBytes);
      if (parsed.kind === 'fault') return { frames, fault: parsed.why };
      if (parsed.kind === 'incomplete') return { frames };
      frames.push(parsed.frame);
      rest = rest.subarray(parsed.end);
    }
  };
}

type Parsed =
  | { readonly kind: 'frame'; readonly frame: RelpFrame; readonly end: number }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'fault'; readonly why: string };

const HEADER = /^(\d{1,9}) ([A-Za-z]{1,32}) (\d{1,9})([ \n])/;
const START_OF_HEADER = /^(\d{1,9}( ([A-Za-z]{1,32}( \d{0,9})?)?)?)?$/;
/** 9 + 32 + 9 and what stands behind each. */
const MAX_HEADER_BYTES = 53;

function parseFrame(bytes: Buffer, maxDataBytes: number): Parsed {
  const start = bytes.toString('latin1', 0, MAX_HEADER_BYTES);
  const [header, txnr, command = '', length, mark] = HEADER.exec(start) ?? [];
  if (header === undefined) {
    return START_OF_HEADER.test(start) ? { kind: 'incomplete' } : fault(`"${oneLine(start, 40)}"`);
  }
  const dataBytes = Number(length);
  if (dataBytes > maxDataBytes) return fault(`a frame of ${dataBytes} bytes`);
  const end = header.length + dataBytes;
  const isEmpty = dataBytes === 0;
  if (isEmpty !== (mark === '\n')) return fault(`"${oneLine(start, 40)}"`);
  if (!isEmpty && end >= bytes.length) return { kind: 'incomplete' };
  if (!isEmpty && bytes[end] !== LF) return fault('a frame that does not end where it says');
  const frame = { txnr: Number(txnr), command, data: bytes.subarray(header.length, end) };
  return { kind: 'frame', frame, end: isEmpty ? end : end + 1 };
}

function fault(why: string): Parsed {
  return { kind: 'fault', why };
}
