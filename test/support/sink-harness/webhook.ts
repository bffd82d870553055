import { httpHarness } from './http.ts';
import { strictAnswers } from './http-answers.ts';

export const webhook = httpHarness({
  name: 'webhook',
  options: (url) => ({ type: 'webhook', url }),
  answer: strictAnswers({ taken: 200, textsIn: ({ lines }) => lines }),
});
