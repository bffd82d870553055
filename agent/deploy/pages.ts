/** All rows of all pages of a list call. */
export async function collectRows<Page, Row>(
  pages: AsyncIterable<Page>,
  rowsOf: (page: Page) => readonly Row[] | undefined,
): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) rows.push(...(rowsOf(page) ?? []));
  return rows;
}
