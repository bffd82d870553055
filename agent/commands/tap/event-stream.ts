/** One server-sent event. */
interface StreamedEvent {
  /** `message` where nothing else is said. */
  readonly type: string;
  readonly text: string;
}

/** The events of an answer, as they come (HTML Standard 9.2.6, without ids and times to wait). */
export async function* eventsOf(answer: Response): AsyncGenerator<StreamedEvent> {
  if (!answer.body) return;
  let rest = '';
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = eventIn(block);
      if (event) yield event;
    }
  }
}

/** Undefined: only a comment. */
function eventIn(block: string): StreamedEvent | undefined {
  const fields = block.split('\n').map((line) => /^(\w*): ?(.*)$/s.exec(line) ?? []);
  const values = (field: string): readonly string[] =>
    fields.flatMap(([, name, value = '']) => (name === field ? [value] : []));
  const lines = values('data');
  return lines.length === 0
    ? undefined
    : { type: values('event').at(-1) ?? 'message', text: lines.join('\n') };
}
