const HEADER = /^<\d{1,3}>1 \S+ \S+ \S+ \S+ \S+ - /;

/** The text of an RFC 5424 message without structured data (6.4): what follows the header. */
export function textOf(message: string): string {
  const header = HEADER.exec(message)?.[0];
  if (header === undefined) throw new Error(`not an RFC 5424 message: ${message.slice(0, 100)}`);
  return message.slice(header.length);
}

/** The EventBridge id of the event in a message whose text is the event itself. */
export function eventIdOf(message: string): string {
  const id = /"id":"([^"]+)"/.exec(message)?.[1];
  if (id === undefined) throw new Error(`no event id: ${message.slice(0, 100)}`);
  return id;
}
