import type { FastifyInstance, FastifyReply } from 'fastify';
import { ZodError, z } from 'zod';

import { EXIT, GuardrelayError } from '../model/error.ts';
import type { Logger } from '../model/logger.ts';
import { ProblemError, type ProblemFacts, type ProblemStatus, problem } from './api/problem.ts';

/** Whatever goes wrong is told as a problem of RFC 9457; what only a developer can use goes to the log. */
export function tellErrors(app: FastifyInstance, logger: Logger): void {
  app.setNotFoundHandler(async (_request, reply) => await send(reply, 404));
  app.setErrorHandler(async (error, request, reply) => {
    if (error instanceof ProblemError)
      return await send(reply.headers(error.headers), error.status, error.facts);
    if (error instanceof ZodError) return await send(reply, 400, { detail: mistakesIn(error) });
    if (error instanceof GuardrelayError) return await send(reply, statusOf(error), factsOf(error));
    const status = clientFault(error);
    if (status !== undefined) return await send(reply, status);
    const stack = error instanceof Error ? error.stack : String(error);
    logger.error('a request could not be answered', {
      code: 'INT-001',
      url: request.url.split('?')[0],
      error: stack,
    });
    return await send(reply, 500, { code: 'INT-001', detail: 'the log of the agent says more' });
  });
}

async function send(
  reply: FastifyReply,
  status: ProblemStatus,
  facts: ProblemFacts = {},
): Promise<FastifyReply> {
  return await reply.code(status).type('application/problem+json').send(problem(status, facts));
}

function mistakesIn({ issues }: ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.') || 'the question'}: ${message}`).join('; ');
}

function statusOf({ exitCode }: GuardrelayError): ProblemStatus {
  return exitCode === EXIT.usage ? 400 : 503;
}

function factsOf({ code, message: detail, fix }: GuardrelayError): ProblemFacts {
  return { code, detail, fix };
}

const faulty = z.object({ statusCode: z.literal([400, 413, 415]) });

/** What Fastify itself refuses: a body that is no JSON, or too large. */
function clientFault(error: unknown): ProblemStatus | undefined {
  const parsed = faulty.safeParse(error);
  return parsed.success ? parsed.data.statusCode : undefined;
}
