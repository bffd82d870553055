import type { RelayEvent } from '../../agent/model/relay-event.ts';

/** Something that the agent has to say, of the customer acme. */
export function noticeOf(id: string, parts: Partial<RelayEvent> = {}): RelayEvent {
  return {
    schema: 'guardrelay.event/v1',
    id,
    at: '2026-01-01T00:00:00.000Z',
    action: 'trigger',
    key: 'guardrelay/acme/111122223333/eu-west-1/source.silent',
    type: 'source.silent',
    severity: 'critical',
    code: 'SRC-001',
    title: 'eu-west-1 is silent',
    customer: { id: 'acme' },
    accounts: [{ id: '111122223333' }],
    regions: ['eu-west-1'],
    details: { number: 1 },
    ...parts,
  };
}
