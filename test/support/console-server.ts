import type { AgentView } from '../../agent/console/agent-view.ts';
import { type HttpListener, startHttp } from '../../agent/console/server.ts';
import { LISTEN } from './agent-view.ts';

/** The real server on a free port of loopback, at the time of the scene. */
export function startConsole(view: AgentView): Promise<HttpListener> {
  return startHttp({ ...LISTEN, view });
}
