import { AwsError } from './service.ts';

export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly nextToken?: string;
}

/** A page of a list, for the operations whose tokens have no rules of their own. */
export function pageOf<Item>(
  items: readonly Item[],
  { nextToken, limit, invalidCode }: { nextToken?: string | undefined; limit: number; invalidCode: string },
): ListPage<Item> {
  const start = nextToken === undefined ? 0 : Number(Buffer.from(nextToken, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0)
    throw new AwsError(invalidCode, 'The specified nextToken is invalid.');
  const end = start + limit;
  const page = { items: items.slice(start, end) };
  return end < items.length ? { ...page, nextToken: Buffer.from(`${end}`).toString('base64url') } : page;
}
