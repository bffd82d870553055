import type { JsonObject } from '../model/json.ts';

/** Who calls, from the access key in the request's signature. */
export interface Caller {
  readonly account: string;
  /** ARN of the user, role session or root. */
  readonly arn: string;
  readonly region: string;
  readonly partition: string;
}

/** One API call, decoded from its wire protocol. */
export interface Call {
  readonly operation: string;
  readonly caller: Caller;
  /** The input members by their names on the wire. For rest-json: path labels, query and body merged. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** How a service speaks: JSON 1.1 with X-Amz-Target, form in and XML out, or REST with JSON bodies. */
export type Protocol = 'json-1.1' | 'query' | 'rest-json';

/** One AWS service of the embedded cloud. Adding one is one file in `services/` and one line in its index. */
export interface Service {
  /** The name in the signature's credential scope: logs, events, cloudformation, sts, guardduty, account, … */
  readonly signingName: string;
  /** What stands before the colon of its IAM actions; absent: the signing name. */
  readonly iamPrefix?: string;
  readonly protocol: Protocol;
  /** json-1.1: the prefix of X-Amz-Target. query: the XML namespace. */
  readonly wireName: string;
  /** rest-json only: `METHOD /path/{label}` by operation. */
  readonly routes?: Readonly<Record<string, string>>;
  /** Answers with the output members as they go over the wire, or throws an AwsError. */
  handle(call: Call): Promise<unknown>;
  /** What a role's policies must allow for this call beside the action itself. Absent: `Resource: "*"`. */
  access?(call: Call): readonly Access[];
  /** The resource types that CloudFormation can make through this service. */
  readonly resources: readonly ResourceHandler[];
  /** What the clock makes due: schedules, operations. */
  close?(): void;
}

/** What a policy is asked: the resource and the condition keys of one request. */
export interface Access {
  /** ARN; absent: the action knows no resource, only `*` allows it. */
  readonly resource?: string;
  /** Condition keys, such as `sts:ExternalId`. */
  readonly context?: Readonly<Record<string, string>>;
}

/** Where a resource lives. */
export interface Place {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
}

export interface Resource {
  /** What `Ref` gives. */
  readonly physicalId: string;
  /** What `Fn::GetAtt` gives, by name. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** One CloudFormation resource type. Properties come with every intrinsic function resolved. */
export interface ResourceHandler {
  readonly type: string;
  create(place: Place, properties: Properties, logicalId: string): Promise<Resource>;
  /** Another physicalId in the answer: it was replaced, and the old one is for CloudFormation to delete. */
  update(place: Place, physicalId: string, properties: Properties, logicalId: string): Promise<Resource>;
  delete(place: Place, physicalId: string): Promise<void>;
  /** For ImportExistingResources: what exists under the name in these properties. */
  find?(place: Place, properties: Properties): Promise<Resource | undefined>;
  /** For drift detection: what stands there, in the names of its properties; undefined: it is gone. Absent: not supported. */
  read?(place: Place, physicalId: string): Promise<JsonObject | undefined>;
  /** Absent: CloudFormation gives this type no tags. */
  tag?(place: Place, physicalId: string, change: TagChange): void;
}

export type Properties = Readonly<Record<string, unknown>>;
export type Tags = Readonly<Record<string, string>>;

export interface TagChange {
  readonly put: Tags;
  /** Keys. */
  readonly remove: readonly string[];
}

/** An error as AWS answers it. */
export class AwsError extends Error {
  readonly code: string;
  readonly statusCode: number;

  constructor(code: string, message: string, statusCode = 400) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.statusCode = statusCode;
  }
}
