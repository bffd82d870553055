import { isDeepStrictEqual } from 'node:util';

import { Document, isSeq, type Node, parseDocument, visit, YAMLSeq } from 'yaml';

import { isJsonObject, type JsonObject } from '../../model/json.ts';
import type { StarterDestination } from './destination-url.ts';

/** What a new customer's entry is made from. */
export interface StarterCustomer {
  readonly id: string;
  readonly account: string;
  /** Findings of all members of an organization arrive there. */
  readonly organization: boolean;
  readonly regions: 'enabled' | 'all' | readonly string[];
  /** Of the account: `aws`, `aws-cn`, … */
  readonly partition: string;
  /** `file:/…` */
  readonly externalId: string;
}

/** A destination that is there already, by its id, or one to add. */
export type DestinationChoice = string | StarterDestination;

export interface StarterFile {
  /** Where editors find the options; absent: not told. */
  readonly schema?: string;
  /** Absent: the default of the configuration. */
  readonly dataDir?: string;
}

const HOME_REGION = 'us-east-1';
const STYLE = { lineWidth: 120, flowCollectionPadding: false } as const;
const CUSTOMER_COMMENT =
  ' Check it with: guardrelay validate. Secrets never stand here: they are references, env:NAME or file:/path.';

/** The text of a configuration without customers. */
export function emptyConfig({ schema, dataDir }: StarterFile): string {
  return [
    ...(schema === undefined ? [] : [`# yaml-language-server: $schema=${schema}`]),
    '# Check it with: guardrelay validate. Secrets never stand here: they are references, env:NAME or file:/path.',
    'version: 1',
    ...(dataDir === undefined
      ? []
      : [
          'agent:',
          `  dataDir: ${JSON.stringify(dataDir)} # store of checkpoints, search index, quarantine: a local disk`,
        ]),
    '',
  ].join('\n');
}

/** The ids of the destinations that a configuration has. */
export function destinationIds(text: string): readonly string[] {
  return entriesOf(parseDocument(text), 'destinations').map(({ id }) => String(id));
}

/** The configuration with one more customer, and its destination where that is new. Comments stay. */
export function addCustomer(text: string, customer: StarterCustomer, choice: DestinationChoice): string {
  const document = parseDocument(text);
  const { id, entry } = placeOf(choice, document);
  append(document, 'customers', customerEntry(customer, id));
  if (entry) append(document, 'destinations', entry);
  return document.toString(STYLE);
}

/** A new customer with a file of his own. */
export interface StarterFiles {
  /** The configuration: as it was, unless the destination is new. */
  readonly text: string;
  readonly customerText: string;
}

/** The same where customers have files of their own. */
export function addCustomerFile(
  text: string,
  customer: StarterCustomer,
  choice: DestinationChoice,
): StarterFiles {
  const document = parseDocument(text);
  const { id, entry } = placeOf(choice, document);
  const own = listsOnOneLine(document.createNode(customerEntry(customer, id)));
  own.commentBefore = CUSTOMER_COMMENT;
  if (entry) append(document, 'destinations', entry);
  return { text: entry ? document.toString(STYLE) : text, customerText: new Document(own).toString(STYLE) };
}

function customerEntry(customer: StarterCustomer, destination: string) {
  const { id, account, organization, regions, partition, externalId } = customer;
  const listed = typeof regions === 'string' ? [] : regions;
  const [first = HOME_REGION] = listed;
  const homeRegion = listed.length === 0 || listed.includes(HOME_REGION) ? HOME_REGION : first;
  return {
    id,
    auth: {
      type: 'assumeRole',
      roleArn: `arn:${partition}:iam::{account}:role/GuardRelayReader`,
      externalId,
    },
    topology: organization ? 'organization' : 'standalone',
    accounts: { collect: [account] },
    regions,
    ...(homeRegion !== HOME_REGION && { stack: { homeRegion } }),
    destinations: [destination],
  };
}

interface PlacedDestination {
  readonly id: string;
  /** Absent: it is there already. */
  readonly entry?: JsonObject;
}

/** Two customers of one SIEM share the destination. */
function placeOf(choice: DestinationChoice, document: Document): PlacedDestination {
  if (typeof choice === 'string') return { id: choice };
  const { entry } = choice;
  const present = entriesOf(document, 'destinations');
  const equal = present.find((each) => isDeepStrictEqual({ ...each, id: entry.id }, entry));
  if (equal) return { id: String(equal.id) };
  const id = freeId(entry.id, new Set(present.map((each) => String(each.id))));
  return { id, entry: { ...entry, id } };
}

function freeId(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  let number = 2;
  while (taken.has(`${wanted}-${number}`)) number += 1;
  return `${wanted}-${number}`;
}

function entriesOf(document: Document, key: string): readonly JsonObject[] {
  const list: unknown = document.toJS()?.[key];
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

function append(document: Document, key: string, entry: object): void {
  const node = listsOnOneLine(document.createNode(entry));
  const list = document.get(key);
  if (isSeq(list)) {
    list.add(node);
    return;
  }
  const title = document.createNode(key);
  title.spaceBefore = true;
  const fresh = new YAMLSeq();
  fresh.add(node);
  document.set(title, fresh);
}

/** Lists of plain values, as people write them. */
function listsOnOneLine(node: Node): Node {
  visit(node, {
    Seq(_key, values) {
      values.flow = true;
    },
  });
  return node;
}
