import type { FastifyRequest } from 'fastify';

import type { AgentView } from '../agent-view.ts';
import { refusal } from '../api/problem.ts';
import { type Caller, isAtLeast, type Role } from '../api/route.ts';
import { narrowedView } from '../narrowed-view.ts';

/** Tells who asks; throws a ProblemError for those whom it does not know. */
export interface Gate {
  callerOf(request: FastifyRequest): Promise<Caller>;
}

/** Who came in, and what that one sees. */
export interface Visit {
  readonly caller: Caller;
  readonly view: AgentView;
}

/** The one way to the view: nobody gets it without a role, nor more of it than their customers. */
export interface Door {
  enter(request: FastifyRequest, least: Role): Promise<Visit>;
}

export function createDoor(gate: Gate, view: AgentView): Door {
  return {
    async enter(request, least) {
      const caller = await gate.callerOf(request);
      if (!isAtLeast(caller, least))
        throw refusal(`this needs the role ${least}; ${caller.name} is ${caller.role}`);
      return { caller, view: caller.customers ? narrowedView(view, caller.customers) : view };
    },
  };
}

/** Whoever reaches the listener is let in: only for loopback. */
export const OPEN_GATE: Gate = {
  callerOf: async () => ({ name: 'local', role: 'admin' }),
};
