import type { Clock } from '../model/clock.ts';
import type { Access, Caller, Place } from './service.ts';

/** The state that services share: accounts, principals, time and the fault switchboard. */
export interface World {
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly principals: Principals;
  readonly organizations: Organizations;
  readonly faults: Faults;
  /** A new UUID, never given before. */
  nextId(): string;
}

/** Which accounts exist and what is switched on in them. */
export interface Accounts {
  /** Regions default to those of the partition that are on by default. Adding again replaces. */
  add(account: AccountSpec): void;
  has(account: string): boolean;
  partition(account: string): string;
  /** Of its root user; undefined: any address is taken for it. */
  email(account: string): string | undefined;
  regions(account: string): readonly RegionState[];
  isEnabled(place: Place): boolean;
}

export interface AccountSpec {
  readonly id: string;
  readonly partition?: string;
  /** Of its root user. */
  readonly email?: string;
  /** Enabled regions. */
  readonly regions?: readonly string[];
}

export interface RegionState {
  readonly region: string;
  readonly status: 'ENABLED' | 'ENABLED_BY_DEFAULT' | 'DISABLED';
}

/** Which accounts belong together, and how they are ordered; none do to begin with. */
export interface Organizations {
  add(organization: OrganizationSpec): void;
  /** The organization that an account is in. */
  of(account: string): Organization | undefined;
  /** Takes an account in, or gives one that is in another unit, name or status. */
  put(organization: Organization, member: Member): void;
  remove(organization: Organization, account: string): void;
  /** Told of every account that from now on joins, leaves or changes its units. */
  watch(watcher: (move: Move) => void): void;
}

export interface OrganizationSpec {
  /** The management account, which pays for all others. */
  readonly management: string;
  /** Every account, the management account too. */
  readonly accounts: readonly Member[];
  readonly units?: readonly Unit[];
  /** Members that may ask for the whole organization, because they administer a service such as GuardDuty. */
  readonly delegated?: readonly string[];
  /** Members that administer StackSets for the organization. */
  readonly stackSetAdministrators?: readonly string[];
}

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** The unit that it is in; absent: the root. */
  readonly unit?: string;
  readonly isSuspended?: boolean;
}

/** An organizational unit. */
interface Unit {
  readonly id: string;
  /** Absent: the root. */
  readonly parent?: string;
}

export interface Organization extends Required<Omit<OrganizationSpec, 'accounts'>> {
  readonly rootId: string;
  readonly members: ReadonlyMap<string, Member>;
  /** Trusted access of StackSets. */
  hasStackSetAccess: boolean;
}

/** The units that an account was in and is in, the root too; none: it was or is outside. */
export interface Move {
  readonly organization: Organization;
  readonly account: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Access keys, roles and their sessions. */
export interface Principals {
  /** An administrator of the account, with long-lived keys. */
  addUser(account: string, name: string): Keys;
  /** Of a user, by name. */
  accessKeys(account: string, userName: string): readonly AccessKey[];
  /** A role may do what its policies allow; without policies, nothing. */
  putRole(role: Role): void;
  deleteRole(account: string, name: string): void;
  role(account: string, name: string): Role | undefined;
  /** sts:AssumeRole: checks the trust policy and the ExternalId; throws AccessDeniedException. */
  assume(caller: Caller, request: AssumeRequest): Session;
  /** Undefined: unknown key. Throws ExpiredTokenException for an old session. */
  identify(
    accessKeyId: string,
    sessionToken: string | undefined,
    place: Omit<Place, 'account'>,
  ): Caller | undefined;
  /** Whether the caller's own policies allow an action such as `logs:FilterLogEvents`. */
  allows(caller: Caller, action: string, access: Access): boolean;
  /** Makes every session of an account expire now. */
  expireSessions(account: string): void;
}

/** A long-lived key, as its owner is shown it. */
interface AccessKey {
  readonly accessKeyId: string;
  /** Epoch ms. */
  readonly createdAt: number;
}

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Session extends Keys {
  readonly sessionToken: string;
  /** Epoch ms. */
  readonly expiration: number;
  readonly arn: string;
}

export interface Role {
  readonly account: string;
  readonly name: string;
  readonly arn: string;
  /** Parsed AssumeRolePolicyDocument. */
  readonly trust: unknown;
  /** Inline policies by name, parsed. */
  readonly policies: Readonly<Record<string, unknown>>;
  /** Default 3,600. */
  readonly maxSessionSeconds?: number;
}

export interface AssumeRequest {
  readonly roleArn: string;
  readonly externalId?: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
}

/** Scripted faults. The first one that matches a call is used; `times` counts down. */
export interface Faults {
  /** Answers with a function that removes the fault. */
  add(fault: Fault): () => void;
  clear(): void;
  /** Counts this call against the faults of these kinds and answers with the effect of the first that hits it. */
  take<Kind extends FaultEffect['kind']>(
    site: FaultSite,
    ...kinds: readonly Kind[]
  ): EffectOf<Kind> | undefined;
}

/** Where something happens that a fault may hit. `service` is the signing name. */
export interface FaultSite {
  readonly service: string;
  readonly operation: string;
  readonly account: string;
  readonly region: string;
}

export type EffectOf<Kind extends FaultEffect['kind']> = Extract<FaultEffect, { readonly kind: Kind }>;

export interface Fault {
  /** Absent: any. Beside API operations: `Deliver` (EventBridge to a target), `StackInstance` (a set to its target), `ReadResource` (drift detection). */
  readonly operation?: string;
  readonly service?: string;
  readonly account?: string;
  readonly region?: string;
  /** Calls that pass before the fault begins. */
  readonly after?: number;
  /** Calls that it hits; absent: all, until removed. */
  readonly times?: number;
  readonly effect: FaultEffect;
}

export type FaultEffect =
  | { readonly kind: 'error'; readonly code: string; readonly message: string; readonly statusCode?: number }
  /** The connection is cut without an answer. */
  | { readonly kind: 'cut' }
  /** No answer until the clock has passed this many ms. */
  | { readonly kind: 'hang'; readonly ms: number }
  /** ThrottlingException beyond this rate, counted for each account and region by the clock. */
  | { readonly kind: 'rate-limit'; readonly callsPerSecond: number }
  /** FilterLogEvents: this page is empty but has a token. */
  | { readonly kind: 'empty-page' }
  /** FilterLogEvents: a read begins with an empty page. */
  | { readonly kind: 'empty-first-page' }
  /** FilterLogEvents: the last page with events has a token, which leads to an empty page. */
  | { readonly kind: 'empty-last-page' }
  /** FilterLogEvents: at most so many events a page. */
  | { readonly kind: 'page-size'; readonly events: number }
  /** FilterLogEvents: pages are not sorted over streams. */
  | { readonly kind: 'unsorted' }
  /** FilterLogEvents: tokens live this long. */
  | { readonly kind: 'token-lifetime'; readonly ms: number }
  /** Operation `PutLogEvents`, which stands for EventBridge's writing too: events become readable this much later. ListStackSetOperationResults: so do results. */
  | { readonly kind: 'visibility-delay'; readonly ms: number }
  /** EventBridge (operation `Deliver`): deliver each event this many times. */
  | { readonly kind: 'duplicate'; readonly copies: number }
  /** EventBridge (operation `Deliver`): the target is refused; the event goes to the dead-letter queue. */
  | { readonly kind: 'undeliverable' }
  /** Every answer's Date header is off by so much. */
  | { readonly kind: 'date-offset'; readonly ms: number }
  /** Every answer's Date header is this text; absent: there is no such header. */
  | { readonly kind: 'date-header'; readonly text?: string };
