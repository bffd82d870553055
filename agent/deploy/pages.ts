/** All rows of all pages of a list call. */
export async function collectRows<Page, Row>(
  pages: AsyncIterable<Page>,
  rowsOf: (page: Page) => readonly Row[] | undefined,
): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) rows.push(...(rowsOf(page) ?? []));
  return rows;
}

/** The same of a call that the SDK has no paginator for. */
export async function collectPages<Row>(
  read: (
    nextToken: string | undefined,
  ) => Promise<{ readonly rows: readonly Row[] | undefined; readonly nextToken: string | undefined }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let token: string | undefined;
  do {
    const page = await read(token);
    rows.push(...(page.rows ?? []));
    token = page.nextToken;
  } while (token !== undefined);
  return rows;
}

/** What a list begins with. The SDK leaves the last token in the input that it is given, and would go on from there. */
export function firstPage<Input extends object>(input: Input): Input {
  return { ...input };
}
