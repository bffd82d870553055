import { z } from 'zod';

import type { ErrorCode } from '../../model/error.ts';

/** An answer that is none, as RFC 9457 writes it. */
export const problemJson = z
  .strictObject({
    type: z.string().describe('about:blank, or the page of the code'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.string().optional().describe('Its page is docs/errors/<code>.md'),
    fix: z.string().optional().describe('The next step'),
  })
  .meta({ id: 'Problem' });

export type ProblemJson = z.output<typeof problemJson>;

const TITLES = {
  400: 'Bad request',
  401: 'Not logged in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Not possible now',
  413: 'Too large',
  415: 'Not JSON',
  421: 'Unknown host name',
  429: 'Too many',
  500: 'Fault of the agent',
  503: 'Not available',
} as const;
export type ProblemStatus = keyof typeof TITLES;

export interface ProblemFacts {
  readonly detail?: string;
  readonly code?: ErrorCode;
  readonly fix?: string;
}

/** Thrown by whoever cannot answer; the server writes it down for the client. */
export class ProblemError extends Error {
  readonly status: ProblemStatus;
  readonly facts: ProblemFacts;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ProblemStatus,
    facts: ProblemFacts = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(facts.detail ?? TITLES[status]);
    this.name = 'ProblemError';
    this.status = status;
    this.facts = facts;
    this.headers = headers;
  }
}

export function problem(status: ProblemStatus, { detail, code, fix }: ProblemFacts = {}): ProblemJson {
  const type = code === undefined ? 'about:blank' : `urn:guardrelay:error:${code}`;
  return { type, title: TITLES[status], status, detail, code, fix };
}

export function refusal(detail: string): ProblemError {
  return new ProblemError(403, { detail });
}

export function notFound(detail: string): ProblemError {
  return new ProblemError(404, { detail });
}
