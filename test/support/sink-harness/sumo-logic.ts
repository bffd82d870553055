import type { WebhookRequest } from '../webhook-receiver.ts';
import { httpHarness } from './http.ts';
import { strictAnswers } from './http-answers.ts';

const SOURCE_PATH = '/receiver/v1/http';

/** The lines of a request to the source whose token is the secret of the test. */
export function sumoLines({ path, lines }: WebhookRequest): readonly string[] | undefined {
  return path === `${SOURCE_PATH}/secret%20of%20env%3ATOKEN` ? lines : undefined;
}

export const sumoLogic = httpHarness({
  name: 'sumo-logic',
  options: (url) => ({ type: 'sumo-logic', url: new URL(SOURCE_PATH, url).href, token: 'env:TOKEN' }),
  answer: strictAnswers({ taken: 200, textsIn: sumoLines }),
});
