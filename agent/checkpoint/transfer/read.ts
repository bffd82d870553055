import type { GuardrelayError } from '../../model/error.ts';
import type { FinishedEvent, Saved, SourceSpec } from '../store.ts';
import { documentError } from './document-error.ts';
import { type FileLine, type Place, readLines } from './file-lines.ts';
import { type BodyLine, type Header, parseHeader, parseLine } from './lines.ts';

/** A checkpoint document whose every line has been checked. */
export interface CheckpointDocument extends Header {
  readonly checkpoints: readonly DocumentCheckpoint[];
}

/** One source of a document. Its finished events stay in the file until they are walked. */
export interface DocumentCheckpoint extends Saved {
  readonly spec: SourceSpec;
  readonly finishedCount: number;
  readonly finished: Iterable<FinishedEvent>;
}

/** A checkpoint while its lines are counted. */
interface Counted extends Saved {
  readonly spec: SourceSpec;
  /** Bits of its destinations. */
  readonly bits: bigint;
  readonly from: Place;
  count: number;
}

/** Reads a document from an open file, which must stay open as long as it is used; throws at the first bad line. */
export function readDocument(descriptor: number): CheckpointDocument {
  const lines = readLines(descriptor);
  const first = lines.next();
  if (first.done) throw documentError('it is empty');
  const header = parseHeader(first.value);
  const counted = countLines(lines);
  return { ...header, checkpoints: counted.map((each) => checkpointOf(each, descriptor)) };
}

type Line<Type> = Extract<BodyLine, { readonly type: Type }>;

/** Checks how the lines follow each other. */
function countLines(lines: Iterable<FileLine>): readonly Counted[] {
  const found = new Map<string, Counted>();
  let current: Counted | undefined;
  let end: Line<'end'> | undefined;

  function addSource(line: Line<'source'>, from: Place): void {
    const { source } = line.spec;
    if (found.has(source)) throw fault(from, `${source} stands in it twice`);
    current = { ...line, bits: bitsOf(line), from, count: 0 };
    found.set(source, current);
  }

  function addFinished({ mask }: Line<'finished'>, at: Place): void {
    if (!current) throw fault(at, 'a finished event before the first source');
    if (mask & ~current.bits) throw fault(at, 'finished by a destination that has no position');
    current.count += 1;
  }

  for (const line of lines) {
    const parsed = parseLine(line);
    if (end) throw fault(line.end, 'it goes on behind its end');
    if (parsed.type === 'source') addSource(parsed, line.end);
    else if (parsed.type === 'finished') addFinished(parsed, line.end);
    else end = parsed;
  }
  const counted = [...found.values()];
  checkEnd(end, counted);
  return counted;
}

function fault({ lines }: Place, what: string): GuardrelayError {
  return documentError(`line ${lines}: ${what}`);
}

function checkEnd(end: Line<'end'> | undefined, counted: readonly Counted[]): void {
  if (!end) throw documentError('it ends too soon: its last lines are missing');
  const finished = counted.reduce((sum, { count }) => sum + count, 0);
  if (end.sources === counted.length && end.finished === finished) return;
  const held = `${counted.length} sources and ${finished} finished events`;
  throw documentError(`it holds ${held}, not the ${end.sources} and ${end.finished} that its end says`);
}

function bitsOf({ positions }: Saved): bigint {
  return positions.reduce((bits, { bit }) => bits | (1n << BigInt(bit)), 0n);
}

function checkpointOf(
  { spec, state, positions, from, count }: Counted,
  descriptor: number,
): DocumentCheckpoint {
  return {
    ...{ spec, state, positions, finishedCount: count },
    finished: { [Symbol.iterator]: () => finishedEvents(descriptor, from, count) },
  };
}

function* finishedEvents(descriptor: number, from: Place, count: number): Generator<FinishedEvent> {
  let left = count;
  if (left === 0) return;
  for (const line of readLines(descriptor, from)) {
    const parsed = parseLine(line);
    if (parsed.type !== 'finished') throw documentError('it changed while it was read');
    yield parsed;
    left -= 1;
    if (left === 0) return;
  }
  throw documentError('it changed while it was read');
}
