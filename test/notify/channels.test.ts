import { testChannelContract } from '../support/channel-contract.ts';
import { httpVendorHarness } from '../support/notify/http-vendor.ts';
import { webhook } from '../support/notify/webhook.ts';

for (const vendor of [webhook]) testChannelContract(httpVendorHarness(vendor));
