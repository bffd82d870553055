import type { Test } from 'tap';

import type { Channel, ChannelDeps } from '../../../agent/notify/channel.ts';
import type { ChannelHarness, ChannelManner } from '../channel-contract.ts';
import { startWebhookReceiver, type WebhookRequest } from '../webhook-receiver.ts';

export interface VendorAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A vendor's service as its documentation says. */
export interface HttpVendor {
  readonly name: string;
  readonly busyMs?: number;
  readonly secrets: Readonly<Record<string, string>>;
  /** The answer to a request; a status below 300 takes it. */
  answer(request: WebhookRequest): VendorAnswer;
  readonly busy: VendorAnswer;
  readonly down: VendorAnswer;
  readonly refusal: VendorAnswer;
  /** `url` has no path. Secrets that depend on it are put in place of those above. */
  open(url: string, deps: ChannelDeps): Channel;
}

/** Any channel over HTTP against a service on loopback. */
export function httpVendorHarness(vendor: HttpVendor): ChannelHarness {
  const { name, busyMs, secrets } = vendor;
  return {
    ...{ name, secrets },
    ...(busyMs !== undefined && { busyMs }),
    async start(t: Test) {
      const receiver = await startWebhookReceiver(t);
      const { promise: holding, resolve: nowHolding } = Promise.withResolvers<void>();
      let taken = 0;
      const take = (request: WebhookRequest): VendorAnswer => {
        const answer = vendor.answer(request);
        if (answer.status < 300) taken += 1;
        else t.comment(`${name} refused: ${answer.status} ${answer.body ?? ''}`);
        return answer;
      };
      const behave = (manner: ChannelManner): void => {
        receiver.cuts = manner === 'cut';
        receiver.answer = (request) => {
          if (manner !== 'hold') return answers(vendor, manner, request) ?? take(request);
          nowHolding();
          return { write: () => {} };
        };
      };
      behave('take');
      return {
        open: (deps) => vendor.open(new URL(receiver.url).origin, deps),
        far: { behave, taken: () => taken, holding: () => holding, stop: () => receiver.stop() },
      };
    },
  };
}

function answers(
  vendor: HttpVendor,
  manner: ChannelManner,
  request: WebhookRequest,
): VendorAnswer | undefined {
  switch (manner) {
    case 'busy':
      return vendor.busy;
    case 'down':
      return vendor.down;
    case 'refuse':
      return vendor.refusal;
    case 'echo':
      return { status: 400, body: `${request.path} ${JSON.stringify(request.headers)} ${request.text}` };
    case 'take':
    case 'cut':
    case 'hold':
      return undefined;
  }
}
