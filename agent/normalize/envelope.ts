import type { JsonObject } from '../model/json.ts';
import type { Envelope } from '../model/record.ts';
import { accountOf, listOf, nameOf, textOf } from './lenient.ts';
import { present } from './present.ts';
import { ms } from './time.ts';

/** The EventBridge envelope around `detail`, as far as it can be read. */
export function envelopeOf(event: JsonObject): Envelope {
  return present({
    id: textOf(event.id),
    account: accountOf(event.account),
    region: nameOf(event.region),
    time: ms(event.time),
    detailType: textOf(event['detail-type']),
    source: textOf(event.source),
    resources: listOf(event.resources).filter((one) => typeof one === 'string'),
  });
}
