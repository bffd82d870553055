import { readFileSync } from 'node:fs';
import t from 'tap';

import { FORMAT_NAMES } from '../../agent/model/format.ts';
import { formatNamed } from '../../agent/normalize/formats/index.ts';
import { noticeRecord } from '../../agent/normalize/notice.ts';
import { textOf } from '../support/rendering.ts';
import { SUMMARY } from '../support/summary.ts';

for (const name of FORMAT_NAMES) {
  t.test(`the hourly summary as ${name}`, async (t) => {
    const expected = readFileSync(new URL(`../fixtures/summary/${name}.txt`, import.meta.url), 'utf8');

    const text = textOf(formatNamed(name), noticeRecord(SUMMARY));

    t.equal(`${text}\n`, expected);
    t.match(text, 'acme: 3 sources, 2 proven, 1 silent; 28 of 36 heartbeats; 3 findings');
    t.match(text, SUMMARY.id.slice(0, 40), 'by which a SIEM knows it again');
    t.match(text, '123456789123', 'the account that it names');
  });
}
