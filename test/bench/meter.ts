import { subscribe } from 'node:diagnostics_channel';

/** What the HTTP client of this process did with one origin. */
export interface Traffic {
  calls: number;
  /** Of the bodies of the answers. */
  bytes: number;
}

/** Counts from now on, without touching the code that is measured. */
export function countTraffic(origin: string): Traffic {
  const traffic = { calls: 0, bytes: 0 };
  const counts = (event: unknown): boolean => originOf(event) === origin;
  subscribe('undici:request:create', (event) => {
    if (counts(event)) traffic.calls += 1;
  });
  subscribe('undici:request:bodyChunkReceived', (event) => {
    if (counts(event)) traffic.bytes += chunkBytes(event);
  });
  return traffic;
}

function originOf(event: unknown): string | undefined {
  const request = memberOf(event, 'request');
  return String(memberOf(request, 'origin'));
}

function chunkBytes(event: unknown): number {
  const chunk = memberOf(event, 'chunk');
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** CPU seconds of this process, user and system, since the last call. */
export function createCpuMeter(): () => number {
  let before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    return (user + system) / 1e6;
  };
}
