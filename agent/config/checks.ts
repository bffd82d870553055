import { isIP } from 'node:net';

import { isJsonObject } from '../model/json.ts';
import { logGroupPrefix } from '../model/log-group-prefix.ts';
import { closest } from './closest.ts';
import type { ConfigPath, Fault } from './mistake.ts';

// These look at what was written, not at what was parsed: they speak up however wrong the rest of the file is.

interface Entry {
  readonly path: ConfigPath;
  readonly value: unknown;
}

function member({ path, value }: Entry, key: string): Entry {
  return { path: [...path, key], value: isJsonObject(value) ? value[key] : undefined };
}

function entries({ path, value }: Entry): readonly Entry[] {
  if (!Array.isArray(value)) return [];
  return value.map((entry: unknown, at) => ({ path: [...path, at], value: entry }));
}

function text({ value }: Entry): string {
  return typeof value === 'string' ? value : '';
}

function customers(root: Entry): readonly Entry[] {
  return entries(member(root, 'customers'));
}

function collected(customer: Entry): readonly Entry[] {
  return entries(member(member(customer, 'accounts'), 'collect'));
}

function* noCustomers(root: Entry): Iterable<Fault> {
  const list = member(root, 'customers');
  const isLeftOut = list.value === undefined || (Array.isArray(list.value) && list.value.length === 0);
  if (isJsonObject(root.value) && isLeftOut) {
    yield { code: 'CFG-001', path: list.path, text: 'must have at least one entry, or customersDir a file' };
  }
}

function* repeatedIds(list: readonly Entry[]): Iterable<Fault> {
  const seen = new Set<string>();
  for (const entry of list) {
    const id = member(entry, 'id');
    const name = text(id);
    if (name !== '' && seen.has(name)) {
      yield { code: 'CFG-001', path: id.path, text: `must be unique; ${name} stands above already` };
    }
    seen.add(name);
  }
}

function* sharedAccounts(root: Entry): Iterable<Fault> {
  const owners = new Map<string, Entry>();
  for (const customer of customers(root)) {
    for (const account of collected(customer)) {
      const id = text(account).replaceAll('-', '');
      const owner = owners.get(id);
      if (id !== '' && owner === customer) {
        yield { code: 'CFG-001', path: account.path, text: `stands twice in this list: ${id}` };
      } else if (id !== '' && owner) {
        const other = text(member(owner, 'id'));
        yield { code: 'CFG-002', path: account.path, text: `belongs to customer ${other} already: ${id}` };
      }
      owners.set(id, owner ?? customer);
    }
  }
}

function idsOf(list: Entry): ReadonlySet<string> {
  return new Set(entries(list).map((entry) => text(member(entry, 'id'))));
}

function* unknownDestinations(root: Entry): Iterable<Fault> {
  const defined = idsOf(member(root, 'destinations'));
  for (const route of customers(root).flatMap((customer) => entries(member(customer, 'destinations')))) {
    const named = text(route) === '' ? member(route, 'id') : route;
    yield* undefinedId(named, defined, 'destination');
  }
}

function* unknownChannels(root: Entry): Iterable<Fault> {
  const defined = idsOf(member(root, 'notify'));
  const inherited = entries(member(member(root, 'defaults'), 'notify'));
  const own = customers(root)
    .flatMap((customer) => entries(member(customer, 'notify')))
    .filter((named) => !inherited.some((other) => text(other) === text(named)));
  for (const named of [...inherited, ...own]) yield* undefinedId(named, defined, 'channel');
}

function* undefinedId(named: Entry, defined: ReadonlySet<string>, what: string): Iterable<Fault> {
  const id = text(named);
  if (id === '' || defined.has(id)) return;
  const meant = closest(id, defined);
  const guess = meant === undefined ? '' : `; did you mean ${meant}?`;
  yield { code: 'CFG-003', path: named.path, text: `names a ${what} that is not defined: ${id}${guess}` };
}

function* narrowCredentials(root: Entry): Iterable<Fault> {
  for (const customer of customers(root)) {
    if (collected(customer).length < 2) continue;
    const auth = member(customer, 'auth');
    const role = member(auth, 'roleArn');
    if (['keys', 'profile', 'default'].includes(text(member(auth, 'type')))) {
      const accounts = member(member(customer, 'accounts'), 'collect');
      yield {
        code: 'CFG-001',
        path: accounts.path,
        text: 'must be one account, because only auth.type assumeRole can read several',
      };
    } else if (text(role) !== '' && !text(role).includes('{account}')) {
      yield {
        code: 'CFG-001',
        path: role.path,
        text: 'must contain {account}, because several accounts are read',
      };
    }
  }
}

/** EventBridge and the template only write to groups below /aws/events/, and to one of them. */
function* foreignLogGroups(root: Entry): Iterable<Fault> {
  for (const customer of customers(root)) {
    const stack = member(customer, 'stack');
    const logGroup = member(stack, 'logGroup');
    const name = text(logGroup);
    if (name === '' || text(member(stack, 'mode')) === 'existing') continue;
    const { path } = logGroup;
    if (!name.startsWith('/aws/events/')) {
      yield { code: 'CFG-001', path, text: 'must start with /aws/events/, unless stack.mode is existing' };
    } else if (logGroupPrefix(name) !== undefined) {
      yield { code: 'CFG-001', path, text: 'must name one log group, unless stack.mode is existing' };
    }
  }
}

/** A service-managed StackSet has organizational units for targets, and no other has any. */
function* unitsWithoutMode(root: Entry): Iterable<Fault> {
  for (const customer of customers(root)) {
    const stack = member(customer, 'stack');
    const units = member(stack, 'organizationalUnits');
    const isWanted = text(member(stack, 'mode')) === 'stackset-organizations';
    const hasUnits = units.value !== undefined;
    if (isWanted && !hasUnits) {
      const needed = 'needs organizationalUnits with mode stackset-organizations';
      yield { code: 'CFG-001', path: stack.path, text: needed };
    } else if (hasUnits && !isWanted) {
      yield { code: 'CFG-001', path: units.path, text: 'is only for mode stackset-organizations' };
    }
  }
}

function isGovernment(region: string): boolean {
  return region.startsWith('us-gov-');
}

/** Customers that have a hub, and where it stands in the file. */
function hubs(root: Entry): readonly { readonly customer: Entry; readonly hub: Entry }[] {
  return customers(root)
    .map((customer) => ({ customer, hub: member(member(customer, 'stack'), 'hubRegion') }))
    .filter(({ hub }) => text(hub) !== '');
}

function* impossibleHubs(root: Entry): Iterable<Fault> {
  for (const { customer, hub } of hubs(root)) {
    const stack = member(customer, 'stack');
    const listed = entries(member(customer, 'regions')).map(text);
    const home = text(member(stack, 'homeRegion')) || 'us-east-1';
    const region = text(hub);
    if (text(member(stack, 'mode')) === 'existing') {
      yield { code: 'CFG-001', path: hub.path, text: 'must be left out, because others make the log groups' };
    } else if (listed.length > 0 && !listed.includes(region)) {
      yield { code: 'CFG-001', path: hub.path, text: "must be one of the customer's regions" };
    } else if ([home, ...listed].some((other) => isGovernment(other) !== isGovernment(region))) {
      yield {
        code: 'CFG-001',
        path: hub.path,
        text: 'must be in the partition of homeRegion and of all regions',
      };
    }
  }
}

/** What is read of a hub comes from all regions, and goes to all destinations of its customer. */
function* routesOfHubs(root: Entry): Iterable<Fault> {
  for (const route of hubs(root).flatMap(({ customer }) => entries(member(customer, 'destinations')))) {
    const regions = member(route, 'regions');
    if (regions.value === undefined) continue;
    yield {
      code: 'CFG-001',
      path: regions.path,
      text: 'must be left out with stack.hubRegion, whose log group holds the events of all regions',
    };
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));
}

function* openListener(root: Entry): Iterable<Fault> {
  const http = member(root, 'http');
  const listen = member(http, 'listen');
  const host = text(listen).replace(/:\d+$/, '');
  if (host === '' || isLoopback(host)) return;
  const type = text(member(member(http, 'auth'), 'type'));
  if (type !== '' && type !== 'none') return;
  yield {
    code: 'CFG-007',
    path: listen.path,
    text: 'must be a loopback address such as 127.0.0.1:8686, unless http.auth says who may come in',
  };
}

/** Users of the HTTP listener who may see what does not exist would see nothing, and nobody would know why. */
function* usersOfNobody(root: Entry): Iterable<Fault> {
  const known = new Set(customers(root).map((customer) => text(member(customer, 'id'))));
  const names = new Set<string>();
  for (const user of entries(member(member(member(root, 'http'), 'auth'), 'users'))) {
    const name = member(user, 'name');
    if (names.has(text(name))) {
      yield { code: 'CFG-001', path: name.path, text: `must be unique; ${text(name)} stands above already` };
    }
    names.add(text(name));
    for (const customer of entries(member(user, 'customers'))) {
      const id = text(customer);
      if (id === '' || known.has(id)) continue;
      yield { code: 'CFG-001', path: customer.path, text: `names a customer that is not defined: ${id}` };
    }
  }
}

/** What no single option shows: ids that repeat, accounts in two customers, destinations that nobody defined. */
export function crossFaults(written: unknown): readonly Fault[] {
  const root: Entry = { path: [], value: written };
  return [
    ...noCustomers(root),
    ...repeatedIds(customers(root)),
    ...repeatedIds(entries(member(root, 'destinations'))),
    ...sharedAccounts(root),
    ...unknownDestinations(root),
    ...repeatedIds(entries(member(root, 'notify'))),
    ...unknownChannels(root),
    ...narrowCredentials(root),
    ...foreignLogGroups(root),
    ...impossibleHubs(root),
    ...routesOfHubs(root),
    ...unitsWithoutMode(root),
    ...openListener(root),
    ...usersOfNobody(root),
  ];
}
