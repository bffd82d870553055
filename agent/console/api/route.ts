import { z } from 'zod';

import { ROLES, type Role } from '../../model/role.ts';
import type { AgentView } from '../agent-view.ts';

/** Who asks. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
  /** Sees nothing of others; absent: sees all. */
  readonly customers?: readonly string[] | undefined;
  /** Of a browser session. */
  readonly csrfToken?: string | undefined;
}

export function isAtLeast({ role }: Pick<Caller, 'role'>, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** One request. The view shows what its caller may see and nothing else. */
export interface Call<Query, Params, Body> {
  readonly view: AgentView;
  readonly caller: Caller;
  /** Epoch ms. */
  readonly now: number;
  readonly query: Query;
  readonly params: Params;
  readonly body: Body;
  /** Address of the client. */
  readonly from: string;
  /** The client has gone, or the agent stops. */
  readonly signal: AbortSignal;
}

/** What is said of a route before anybody calls it: the document and the server are both made from this. */
export interface RouteFacts {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/api/v1`, with parameters as in `/sources/{id}`. */
  readonly path: string;
  readonly tag: string;
  /** One sentence. */
  readonly summary: string;
  /** The least role that may call it. */
  readonly role: Role;
  readonly query: z.ZodObject;
  readonly params: z.ZodObject;
  readonly body: z.ZodObject;
  readonly answer: z.ZodType;
  /** Absent: JSON. */
  readonly media?: 'text/event-stream';
}

/** A question as it came over the wire. */
export interface RawCall extends Omit<Call<unknown, unknown, unknown>, 'query' | 'params' | 'body'> {
  readonly query: unknown;
  readonly params: unknown;
  readonly body: unknown;
}

export interface JsonRoute extends RouteFacts {
  readonly media?: never;
  /** Throws a ZodError for what does not fit. */
  answerTo(call: RawCall): Promise<unknown>;
}

/** Server-sent events, each of which is one `answer`. */
export interface StreamRoute extends RouteFacts {
  readonly media: 'text/event-stream';
  /** Throws a ZodError for what does not fit. What it gives sends until the function that this returns is called. */
  open(call: RawCall): (send: (event: unknown) => void) => () => void;
}

export type ApiRoute = JsonRoute | StreamRoute;

const nothing = z.strictObject({});
/** For routes that are asked nothing more than their path says. */
export const NOTHING = { query: nothing, params: nothing, body: nothing } as const;

interface RouteSpec<
  Query extends z.ZodObject,
  Params extends z.ZodObject,
  Body extends z.ZodObject,
  Answer extends z.ZodType,
> extends Omit<RouteFacts, 'media'> {
  readonly query: Query;
  readonly params: Params;
  readonly body: Body;
  readonly answer: Answer;
  handle(
    call: Call<z.output<Query>, z.output<Params>, z.output<Body>>,
  ): z.input<Answer> | Promise<z.input<Answer>>;
}

/** A route whose handler gets what its schemas say, and answers with what they say. */
export function route<
  Query extends z.ZodObject,
  Params extends z.ZodObject,
  Body extends z.ZodObject,
  Answer extends z.ZodType,
>({ handle, ...facts }: RouteSpec<Query, Params, Body, Answer>): JsonRoute {
  return {
    ...facts,
    async answerTo({ query, params, body, ...call }) {
      return await handle({
        ...call,
        query: facts.query.parse(query),
        params: facts.params.parse(params),
        body: facts.body.parse(body ?? {}),
      });
    },
  };
}
