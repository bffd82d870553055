import { Validator } from '@seriousme/openapi-schema-validator';
import t, { type Test } from 'tap';
import { z } from 'zod';

import { API_BASE, API_ROUTES } from '../../agent/console/api/routes.ts';
import { sourceId } from '../../agent/console/api/source-json.ts';
import { type HttpListener, startHttp } from '../../agent/console/server.ts';
import { agentView, BROKEN, LISTEN } from '../support/agent-view.ts';
import { createAnswerCheck } from '../support/openapi.ts';

async function start(t: Test, parts: Parameters<typeof agentView>[0] = {}): Promise<HttpListener> {
  const http = await startHttp({ ...LISTEN, view: agentView(parts) });
  t.teardown(() => http.close());
  return http;
}

const document = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

async function documentOf(url: string): Promise<z.infer<typeof document>> {
  const answer = await fetch(`${url}${API_BASE}/openapi.json`);
  return document.parse(await answer.json());
}

const paths: Readonly<Record<string, string>> = {
  '/sources/{id}': `/sources/${sourceId(BROKEN)}`,
};

t.test('the document is OpenAPI 3.1 to a validator that nobody here wrote', async (t) => {
  const { url } = await start(t);

  const checked = await new Validator().validate(await documentOf(url));

  t.same(checked, { valid: true });
});

t.test('the document names every route, and no other', async (t) => {
  const { url } = await start(t);

  const { paths } = await documentOf(url);

  const named = Object.entries(paths).flatMap(([path, each]) =>
    Object.keys(each).map((method) => `${method.toUpperCase()} ${path}`),
  );
  t.same(named.toSorted(), API_ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted());
});

t.test('every answer is what the document says', async (t) => {
  const { url } = await start(t);
  const check = createAnswerCheck(await documentOf(url));
  const readable = API_ROUTES.filter(({ method, media }) => method === 'GET' && media === undefined);

  for (const { path } of readable) {
    const answer = await fetch(`${url}${API_BASE}${paths[path] ?? path}`);

    t.equal(answer.status, 200, path);
    t.same(check(path, await answer.json()), [], path);
  }
});
