import type { AgentView } from '../../agent/console/agent-view.ts';
import { type HttpListener, type ListenOptions, startHttp } from '../../agent/console/server.ts';
import { LISTEN } from './agent-view.ts';

/** The real server on a free port of loopback, at the time of the scene; nobody logs in unless the options say so. */
export function startConsole(view: AgentView, options: Partial<ListenOptions> = {}): Promise<HttpListener> {
  return startHttp({ ...LISTEN, view, ...options });
}
