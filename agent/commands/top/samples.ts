/** One line of the text format of Prometheus. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** The samples of these metrics. */
export function samplesOf(text: string, names: readonly string[]): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    if (!names.some((name) => line.startsWith(name))) return [];
    const [, name = '', labels = '', value = ''] = LINE.exec(line) ?? [];
    return names.includes(name) ? [{ name, labels: labelsIn(labels), value: Number(value) }] : [];
  });
}

function labelsIn(text: string): Sample['labels'] {
  const pairs = text.matchAll(LABEL).map(([, name = '', value = '']) => [name, unescaped(value)]);
  return Object.fromEntries(pairs);
}

function unescaped(value: string): string {
  return value.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}
