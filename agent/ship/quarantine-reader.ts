import { Buffer } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { z } from 'zod';

import { EXIT, GuardrelayError } from '../model/error.ts';
import { eventKey } from '../model/event-key.ts';
import { sourceKey } from '../model/source.ts';

/** Which log events stand in a quarantine file. */
export interface QuarantineReader {
  /** Reads what the file has gained since the last time; a file that is not there holds nothing. */
  refresh(): Promise<void>;
  /** Whether a record of this log event stands in what was read so far. */
  holds(source: string, key: Uint8Array): boolean;
}

const LINE_END = 0x0a;

/** Of an entry only what names its log event; notices, which belong to none, have no origin. */
const quarantined = z.looseObject({
  origin: z.looseObject({
    source: z.looseObject({
      customer: z.string(),
      account: z.string(),
      region: z.string(),
      partition: z.string(),
      logGroup: z.string(),
    }),
    stream: z.string(),
    eventId: z.string(),
  }),
});

/** Reads beside an agent that writes: a line without its end is read the next time. */
export function createQuarantineReader(path: string): QuarantineReader {
  const held = new Set<string>();
  let offset = 0;
  let turn: Promise<unknown> = Promise.resolve();

  async function readOn(): Promise<void> {
    for await (const line of wholeLines(path, offset)) {
      offset += line.length + 1;
      const name = eventIn(line.toString());
      if (name !== undefined) held.add(name);
    }
  }

  return {
    refresh() {
      const read = turn.then(readOn).catch((error: unknown) => {
        if (!isMissing(error)) throw unreadable(path, error);
      });
      turn = read.catch(() => {});
      return read;
    },
    holds: (source, key) => held.has(nameOf(source, key)),
  };
}

async function* wholeLines(path: string, start: number): AsyncGenerator<Buffer> {
  const chunks: AsyncIterable<Buffer> = createReadStream(path, { start });
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(LINE_END); end >= 0; end = rest.indexOf(LINE_END)) {
      yield rest.subarray(0, end);
      rest = rest.subarray(end + 1);
    }
  }
}

/** Undefined for a notice, and for a line that a crash cut short. */
function eventIn(line: string): string | undefined {
  const { data: entry } = quarantined.safeParse(jsonOf(line));
  if (!entry) return undefined;
  const { source, stream, eventId } = entry.origin;
  return nameOf(sourceKey(source), eventKey(stream, eventId));
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function nameOf(source: string, key: Uint8Array): string {
  return `${source} ${Buffer.from(key).toString('base64')}`;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function unreadable(path: string, error: unknown): GuardrelayError {
  const said = error instanceof Error ? error.message : String(error);
  return new GuardrelayError('AGT-001', `reading the quarantine file ${path}: ${said}`, {
    exitCode: EXIT.usage,
    fix: 'Run this command as the user who runs the agent: the file is readable by its owner alone.',
    cause: error,
  });
}
