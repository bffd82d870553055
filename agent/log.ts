import { styleText } from 'node:util';
import { createLogger as createWinston, format, transports } from 'winston';

import { printable } from './console/terminal/printable.ts';
import { type Clock, systemClock } from './model/clock.ts';
import type { LogFields, Logger } from './model/logger.ts';
import { createMask, type Mask } from './model/mask.ts';
import type { SecretReader } from './model/secret.ts';

const LEVELS = { error: 0, warn: 1, info: 2, debug: 3 } as const;
const COLORS = { error: 'red', warn: 'yellow', info: 'green', debug: 'gray' } as const;
type Level = keyof typeof LEVELS;

const MASK = '***';
const SECRET_NAME =
  /secret|token|passw|passphrase|authorization|cookie|api-?key|access-?key|external-?id|credential/i;
const MAX_DEPTH = 6;
const MAX_ENTRIES = 100;

export interface LogOptions {
  readonly level: Level;
  /** auto: pretty on a terminal, JSON otherwise. */
  readonly format: 'auto' | 'pretty' | 'json';
  /** Default: stderr. */
  readonly stream?: LogStream;
  /** Gets every line too, as JSON whatever the format. */
  copy?(line: string): void;
  readonly clock?: Clock;
}

type LogStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** A logger that also keeps secrets out of what it writes. */
export interface MaskingLogger extends Logger {
  /** Never write this text again. */
  hide(secret: string): void;
}

interface Line {
  readonly time: string;
  readonly level: Level;
  readonly message: string;
  readonly fields: LogFields;
}

function errorFields(error: Error): Record<string, unknown> {
  const code = 'code' in error ? { code: error.code } : {};
  const cause = error.cause === undefined ? {} : { cause: error.cause };
  return { name: error.name, ...code, message: error.message, ...cause };
}

/** A copy that JSON can show: no secrets, no cycles, no surprises. */
function presentable(value: unknown, mask: Mask, depth = 0): unknown {
  if (typeof value === 'string') return mask.clean(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '…';
  if (value instanceof Error) return presentable(errorFields(value), mask, depth);
  if (value instanceof Date) return value.toJSON();
  if (Array.isArray(value)) {
    return value.slice(0, MAX_ENTRIES).map((entry: unknown) => presentable(entry, mask, depth + 1));
  }
  return presentableFields(value, mask, depth);
}

function presentableFields(fields: object, mask: Mask, depth = 0): LogFields {
  const entries = Object.entries(fields).slice(0, MAX_ENTRIES);
  const shown = entries.map(([key, value]: [string, unknown]) => {
    const secret = typeof value === 'string' && SECRET_NAME.test(key);
    return [mask.clean(key), secret ? MASK : presentable(value, mask, depth + 1)];
  });
  return Object.fromEntries(shown);
}

function jsonLine({ time, level, message, fields }: Line): string {
  const line = { time, level, message };
  return JSON.stringify(Object.assign({ ...line }, fields, line));
}

function prettyLine({ time, level, message, fields }: Line): string {
  const shown = styleText(COLORS[level], level.toUpperCase().padEnd(5), { stream: process.stderr });
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value) ?? '-'}`);
  return `${time.slice(11, 23)} ${shown} ${printable(message + pairs.join(''))}`;
}

/** Fields of which one throws when it is read must not take the line with them. */
function readable(fields: LogFields, mask: Mask): LogFields {
  try {
    return presentableFields(fields, mask);
  } catch {
    return { fields: 'unreadable' };
  }
}

/** JSON lines on stderr, pretty ones on a terminal. Never throws. */
export function createLogger({
  level,
  format: shape,
  stream = process.stderr,
  copy,
  clock = systemClock,
}: LogOptions): MaskingLogger {
  const mask = createMask();
  const render = shape === 'pretty' || (shape === 'auto' && stream.isTTY) ? prettyLine : jsonLine;
  // Who reads stderr may go away; that must not stop the agent.
  if (stream.listenerCount('error') === 0) stream.on('error', () => {});
  const winston = createWinston({
    level,
    levels: LEVELS,
    format: format.printf(({ message }) => String(message)),
    transports: [new transports.Stream({ stream })],
  });

  function writer(at: Level): Logger[Level] {
    return (message, fields = {}) => {
      if (!winston.isLevelEnabled(at)) return;
      const time = new Date(clock.now()).toISOString();
      const line = { time, level: at, message: mask.clean(message), fields: readable(fields, mask) };
      winston.log(at, render(line));
      copy?.(jsonLine(line));
    };
  }

  return {
    error: writer('error'),
    warn: writer('warn'),
    info: writer('info'),
    debug: writer('debug'),
    hide: mask.hide,
  };
}

/** A reader whose secrets the logger never writes. */
export function hidingSecrets(read: SecretReader, logger: MaskingLogger): SecretReader {
  return async (reference) => {
    const secret = await read(reference);
    logger.hide(secret);
    return secret;
  };
}
