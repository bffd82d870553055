/** Names of AWS accounts, by account id. It may grow while it is used. */
export type AccountNames = ReadonlyMap<string, string>;

/** What the accounts of each customer are called, by the customer's id. */
export type AccountDirectory = ReadonlyMap<string, AccountNames>;
