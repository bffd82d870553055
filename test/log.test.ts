import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import t from 'tap';

import { createLogger, hidingSecrets, type LogOptions } from '../agent/log.ts';
import { createVirtualClock } from './support/virtual-clock.ts';

function capture(options: Partial<LogOptions> = {}, isTTY = false) {
  const stream = Object.assign(new PassThrough(), { isTTY });
  const clock = createVirtualClock(Date.UTC(2026, 0, 2, 3, 4, 5, 6));
  const logger = createLogger({ level: 'debug', format: 'auto', stream, clock, ...options });
  const text = (): string => String(stream.read() ?? '');
  return { logger, stream, text };
}

t.test('a line is JSON with time, level, message and fields', (t) => {
  const { logger, text } = capture();

  logger.info('source polled', { customer: 'acme', events: 3, big: 12345678901234567890n, at: new Date(0) });

  t.equal(
    text(),
    '{"time":"2026-01-02T03:04:05.006Z","level":"info","message":"source polled","customer":"acme","events":3,' +
      '"big":"12345678901234567890","at":"1970-01-01T00:00:00.000Z"}\n',
  );
  t.end();
});

t.test('fields cannot forge time, level or message, nor a second line', (t) => {
  const { logger, text } = capture();

  logger.warn('odd', { level: 'error', message: 'forged', time: 'never', text: 'a\n{"level":"error"}' });

  const lines = text().trimEnd().split('\n');
  t.equal(lines.length, 1);
  t.match(JSON.parse(lines[0] ?? ''), { level: 'warn', message: 'odd', time: '2026-01-02T03:04:05.006Z' });
  t.end();
});

t.test('the level decides what is written', (t) => {
  const { logger, text } = capture({ level: 'warn' });

  logger.debug('per batch');
  logger.info('started');
  logger.warn('odd');
  logger.error('lost');

  const levels = text()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).level);
  t.same(levels, ['warn', 'error']);
  t.end();
});

t.test('a terminal gets pretty lines in which nothing acts', (t) => {
  const { logger, text } = capture({}, true);

  logger.error('refused \u001b[2J', { why: 'bad\r\nthing' });

  t.equal(stripVTControlCharacters(text()), '03:04:05.006 ERROR refused \\x1b[2J why="bad\\r\\nthing"\n');
  t.end();
});

t.test('the format can be chosen', (t) => {
  const pretty = capture({ format: 'pretty' });
  const json = capture({ format: 'json' }, true);

  pretty.logger.info('hello');
  json.logger.info('hello');

  t.match(pretty.text(), 'INFO');
  t.match(JSON.parse(json.text()), { message: 'hello' });
  t.end();
});

t.test('no secret is written, wherever it stands', async (t) => {
  const { logger, text } = capture();
  const secret = 'pa"ss\nword';
  const read = hidingSecrets(async () => secret, logger);

  const value = await read('env:X');
  logger.hide('longer-than-hidden');
  logger.hide('longer');
  logger.hide('abc');
  logger.info(`started with ${secret}`, {
    [secret]: 1,
    note: `x${secret}y`,
    list: [{ deep: secret }],
    error: new Error(`refused ${secret}`, { cause: new TypeError(`for ${secret}`) }),
    token: 'unregistered',
    headers: { authorization: 'unregistered', 'x-api-key': 'unregistered', cookie: 'unregistered' },
    secretAccessKey: 'unregistered',
    url: 'https://user:unregistered@siem.example.com/in',
    header: 'Bearer unregistered-token',
    overlap: 'longer-than-hidden abc',
    tokens: 3,
  });

  const line = text();
  t.equal(value, secret, 'the reader still gives it');
  t.notMatch(line, JSON.stringify(secret).slice(1, -1));
  t.notMatch(line, 'unregistered');
  t.match(JSON.parse(line), {
    message: 'started with ***',
    note: 'x***y',
    url: 'https://user:***@siem.example.com/in',
    overlap: '*** abc',
    tokens: 3,
    error: { name: 'Error', message: 'refused ***', cause: { name: 'TypeError', message: 'for ***' } },
  });
});

t.test('nothing that is logged throws', (t) => {
  const { logger, stream, text } = capture();
  const circle: Record<string, unknown> = { name: 'circle' };
  circle.self = circle;

  logger.info('odd values', {
    circle,
    none: undefined,
    call: () => 1,
    symbol: Symbol('s'),
    date: new Date(Number.NaN),
    surrogate: '\ud800',
    long: Array.from({ length: 1000 }, () => 1),
    bare: Object.create(null),
  });
  logger.info('unreadable', {
    get trap() {
      throw new Error('do not look');
    },
  });
  const [first = '', second = ''] = text().trimEnd().split('\n');
  stream.destroy(new Error('gone'));
  logger.info('nobody reads this');

  t.match(JSON.parse(first), { message: 'odd values', circle: { name: 'circle' }, date: null });
  t.equal(JSON.parse(first).long.length, 100);
  t.match(JSON.parse(second), { message: 'unreadable', fields: 'unreadable' });
  t.end();
});
