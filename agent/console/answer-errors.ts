import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ZodError, z } from 'zod';

import { EXIT, GuardrelayError } from '../model/error.ts';
import type { Logger } from '../model/logger.ts';
import { ProblemError, type ProblemStatus, problem } from './api/problem.ts';

interface ErrorOptions {
  readonly logger: Logger;
  /** Where people log in; absent: nowhere. */
  readonly loginPage?: string | undefined;
}

/** Whatever goes wrong is told as a problem of RFC 9457; what only a developer can use goes to the log. */
export function tellErrors(app: FastifyInstance, { logger, loginPage }: ErrorOptions): void {
  app.setNotFoundHandler(async (_request, reply) => await send(reply, new ProblemError(404)));
  app.setErrorHandler(async (error, request, reply) => {
    const told = problemIn(error);
    // What was done for a client ends when it goes.
    if (reply.raw.destroyed && isAbort(error)) return reply.hijack();
    if (!told) {
      const stack = error instanceof Error ? error.stack : String(error);
      const [url] = request.url.split('?');
      logger.error('a request could not be answered', { code: 'INT-001', url, error: stack });
      return await send(
        reply,
        new ProblemError(500, { code: 'INT-001', detail: 'the log of the agent says more' }),
      );
    }
    const isStranger = told.status === 401 && wantsPage(request);
    if (isStranger && loginPage !== undefined) return await reply.redirect(loginPage, 303);
    return await send(reply, told);
  });
}

/** No hook hears of a path that cannot be read: `greet` does what they do. */
export function tellBadPath(reply: FastifyReply, greet: () => void): void {
  try {
    greet();
    void send(reply, new ProblemError(400, { detail: 'the path cannot be read' }));
  } catch (error) {
    void send(reply, problemIn(error) ?? new ProblemError(500));
  }
}

/** Undefined: a fault of our own. */
function problemIn(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (error instanceof ZodError) return new ProblemError(400, { detail: mistakesIn(error) });
  if (error instanceof GuardrelayError) {
    const { code, message: detail, fix, exitCode } = error;
    return new ProblemError(exitCode === EXIT.usage ? 400 : 503, { code, detail, fix });
  }
  const status = clientFault(error);
  return status && new ProblemError(status);
}

async function send(reply: FastifyReply, { status, facts, headers }: ProblemError): Promise<FastifyReply> {
  reply.code(status).headers(headers).header('content-type', 'application/problem+json');
  return await reply.send(JSON.stringify(problem(status, facts)));
}

function mistakesIn({ issues }: ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.') || 'the question'}: ${message}`).join('; ');
}

const faulty = z.object({ statusCode: z.literal([400, 413, 415]) });

/** What Fastify itself refuses: a body that is no JSON, or too large. */
function clientFault(error: unknown): ProblemStatus | undefined {
  const parsed = faulty.safeParse(error);
  return parsed.success ? parsed.data.statusCode : undefined;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function wantsPage({ method, url, headers }: FastifyRequest): boolean {
  return method === 'GET' && !url.startsWith('/api/') && (headers.accept ?? '').includes('text/html');
}
