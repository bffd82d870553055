import type { Test } from 'tap';

import type { Sink } from '../../../agent/model/sink.ts';
import type { SinkDeps } from '../../../agent/ship/destination.ts';
import { createSink, destinationOptions } from '../../../agent/ship/sinks/index.ts';
import { sinkDeps } from '../ship-records.ts';

/** The sink of a destination as it would stand in a configuration, without its id; closed at the end of `t`. */
export function openSink(
  t: Test,
  written: Readonly<Record<string, unknown>>,
  deps?: Partial<SinkDeps>,
): Sink {
  const sink = createSink(destinationOptions.parse({ id: 'd', ...written }), sinkDeps(deps));
  t.teardown(() => sink.close(0));
  return sink;
}
