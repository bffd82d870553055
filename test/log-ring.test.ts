import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

import { createLogger } from '../agent/log.ts';
import { createLogRing, logRingFiles } from '../agent/log-ring.ts';
import { createMask } from '../agent/model/mask.ts';

t.test('the last lines are kept, in two files that only their owner may read', async (t) => {
  const path = join(t.testdir({}), 'logs', 'agent.log');
  const ring = createLogRing(path, 20);

  for (let number = 10; number < 20; number += 1) ring.write(`line ${number}`);

  const [older = '', newer = ''] = logRingFiles(path);
  t.equal(readFileSync(older, 'utf8'), 'line 16\nline 17\nline 18\n');
  t.equal(readFileSync(newer, 'utf8'), 'line 19\n');
  t.equal(statSync(newer).mode & 0o777, 0o600);
});

t.test('a ring goes on where the last agent ended', async (t) => {
  const path = join(t.testdir({}), 'agent.log');
  createLogRing(path, 10).write('of the one before');

  createLogRing(path, 10).write('of this one');

  t.equal(readFileSync(`${path}.1`, 'utf8'), 'of the one before\n');
  t.equal(readFileSync(path, 'utf8'), 'of this one\n');
});

t.test('a disk that takes nothing stops nobody', async (t) => {
  const path = join(t.testdir({}), 'agent.log');
  mkdirSync(path);
  const ring = createLogRing(path);

  t.doesNotThrow(() => ring.write('lost'));
});

t.test('the copy of a log is JSON without secrets, whatever the terminal shows', async (t) => {
  const lines: string[] = [];
  const stream = Object.assign(process.stderr, {});
  const logger = createLogger({ level: 'error', format: 'pretty', stream, copy: (line) => lines.push(line) });
  logger.hide('pa"ss/word');

  logger.info('below the level');
  const shown = stream.write;
  stream.write = () => true;
  logger.error('refused pa"ss/word', { sent: 'pa%22ss%2Fword' });
  stream.write = shown;

  t.equal(lines.length, 1);
  t.match(JSON.parse(lines[0] ?? ''), { message: 'refused ***', sent: '***' });
});

t.test('a secret is hidden in every form in which something may repeat it', async (t) => {
  const secret = 'ä pa"ss/wörd+?';
  const mask = createMask();
  mask.hide(secret);
  const forms = {
    plain: secret,
    json: JSON.stringify(secret),
    url: encodeURIComponent(secret),
    form: new URLSearchParams({ secret }).toString(),
    base64: Buffer.from(secret).toString('base64'),
    base64url: Buffer.from(secret).toString('base64url'),
    hex: Buffer.from(secret).toString('hex'),
    'upper-case hex': Buffer.from(secret).toString('hex').toUpperCase(),
  };

  for (const [name, form] of Object.entries(forms)) t.match(mask.clean(`<${form}>`), /\*\*\*/, name);
  t.equal(mask.clean('nothing of it'), 'nothing of it');
});
