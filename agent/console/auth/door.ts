import type { FastifyRequest } from 'fastify';

import type { Role } from '../../model/role.ts';
import type { AgentView } from '../agent-view.ts';
import { refusal } from '../api/problem.ts';
import { type Caller, isAtLeast } from '../api/route.ts';
import { narrowedView } from '../narrowed-view.ts';
import type { Gate } from './gate.ts';

/** Who came in, and what that one sees. */
export interface Visit {
  readonly caller: Caller;
  readonly view: AgentView;
}

/** The one way to the view: nobody gets it without a role, nor more of it than their customers. */
export interface Door {
  enter(request: FastifyRequest, least: Role): Promise<Visit>;
}

export function createDoor(gate: Gate, view: AgentView, now: () => number): Door {
  function note({ method, url, ip }: FastifyRequest, { name, role }: Caller, detail: string): void {
    const subject = `${method} ${url.split('?')[0]}`;
    view.audit.add({ user: name, role, from: ip, action: 'refused', subject, outcome: 'refused', detail });
  }

  return {
    async enter(request, least) {
      const caller = await gate.callerOf(request);
      if (!isAtLeast(caller, least)) {
        const detail = `this needs the role ${least}; ${caller.name} is ${caller.role}`;
        if (request.method !== 'GET') note(request, caller, detail);
        throw refusal(detail);
      }
      return { caller, view: caller.customers ? narrowedView(view, caller.customers, now) : view };
    },
  };
}
