import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';

import { formatEvents } from '../../agent/commands/format/format-events.ts';
import { FORMAT_NAMES, type FormatName } from '../../agent/model/format.ts';

const ROOT = new URL('../../', import.meta.url);
const PAGES = new URL('docs/formats/', ROOT);
const INDEX = 'README';

/** A command and, in the next block, what it prints. */
const SAMPLE =
  /```sh\nguardrelay format (?<file>test\/fixtures\/\S+) --as (?<name>\S+)\n```\n+```(?<kind>json|text)\n(?<shown>.*?)\n```/gs;

function pageOf(name: string): string {
  return readFileSync(new URL(`${name}.md`, PAGES), 'utf8');
}

function printed(file: string, format: FormatName): string {
  const source = {
    customer: 'acme',
    account: '000000000000',
    region: 'us-east-1',
    partition: 'aws',
    logGroup: '/aws/events/guardrelay',
  };
  const receivedAt = Date.UTC(2026, 6, 22, 18, 47, 19);
  const maxBytes = Number.MAX_SAFE_INTEGER;
  const formatted = formatEvents(readFileSync(new URL(file, ROOT), 'utf8'), {
    ...{ format, maxBytes, source, receivedAt, rawData: true },
  });
  return formatted.flatMap(({ rendered }) => rendered?.texts ?? []).join('\n');
}

t.test('every format has its page, every page its format, and the index names them', async (t) => {
  const pages = readdirSync(PAGES)
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.replace(/\.md$/, ''));

  t.same(pages.toSorted(), [...FORMAT_NAMES, INDEX].toSorted());
  for (const name of FORMAT_NAMES) t.ok(pageOf(INDEX).includes(`[\`${name}\`](${name}.md)`), name);
});

for (const format of FORMAT_NAMES) {
  t.test(`the samples of the page of ${format} are what the format makes`, async (t) => {
    const page = pageOf(format);
    const samples = [...page.matchAll(SAMPLE)];

    t.ok(page.startsWith(`# Format: ${format}\n`));
    t.ok(samples.length > 0, 'it has a sample');
    for (const { groups: { file = '', name, kind, shown = '' } = {} } of samples) {
      t.equal(name, format);
      if (kind === 'text') t.equal(shown, printed(file, format), file);
      else t.strictSame(JSON.parse(shown), JSON.parse(printed(file, format)), file);
    }
  });
}
