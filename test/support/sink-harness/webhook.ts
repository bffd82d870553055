import { httpHarness } from './http.ts';

export const webhook = httpHarness({
  name: 'webhook',
  options: (url) => ({ type: 'webhook', url }),
  answer({ text, lines }, manner) {
    if (manner === 'choke' && text.includes('poison')) return { status: 400, taken: [] };
    if (manner === 'busy') return { status: 503, taken: [] };
    if (manner === 'refuse') return { status: 403, taken: [] };
    return { status: 200, taken: lines };
  },
});
