import type { Socket } from 'node:net';

import type { Clock } from '../../model/clock.ts';
import { createAlarm } from '../alarm.ts';
import { blocked, PeerClosedError, retry, WireError } from './fault.ts';
import { createFrameReader, encodeFrame, type RelpFrame } from './relp-frame.ts';
import { createRelpWindow, type RelpRequest } from './relp-window.ts';

/** Without any answer for so long the peer is taken for dead: TCP alone may take a quarter of an hour. */
const SILENCE_MS = 30_000;
/** An answer has 80 characters; the longest, to `open`, also lists what the server can do. */
const MAX_ANSWER_BYTES = 16_384;
/** Handed to the kernel at once. What follows waits until it has taken these. */
const CHUNK_BYTES = 262_144;

/** Requests and their answers on one connection. */
export interface RelpDialog {
  readonly ending: Ending | undefined;
  ask(request: RelpRequest): void;
  end(fault: Error): void;
}

export interface Ending {
  readonly fault: Error;
  /** By the monotonic clock. */
  readonly at: number;
  /** No request was there that could be told of the fault. */
  readonly untold: boolean;
}

export interface DialogOptions {
  /** For messages. */
  readonly name: string;
  readonly clock: Clock;
  /** Most requests without an answer. */
  readonly window: number;
}

export function createRelpDialog(socket: Socket, options: DialogOptions): RelpDialog {
  const { name, clock } = options;
  const window = createRelpWindow(options.window);
  const read = createFrameReader(MAX_ANSWER_BYTES);
  const alarm = createAlarm(clock, checkSilence);
  let isServer = false;
  let silentSince = 0;
  let writing = false;
  let ending: Ending | undefined;

  function end(fault: Error): void {
    if (ending) return;
    ending = { fault, at: clock.monotonic(), untold: window.size === 0 };
    alarm.stop();
    // The first also says goodbye where there is TLS, but waits for a peer that takes nothing any more.
    if (window.unanswered === 0) socket.destroySoon();
    else socket.destroy();
    window.end(fault);
  }

  /** Writes what the window lets out, until nothing is left. */
  function write(): void {
    const frames = takeFrames();
    writing = frames.length > 0;
    if (writing) socket.write(Buffer.concat(frames), (error) => (error ? end(error) : write()));
  }

  function takeFrames(): readonly Buffer[] {
    if (ending) return [];
    if (window.unanswered === 0) silentSince = clock.monotonic();
    const frames: Buffer[] = [];
    let bytes = 0;
    for (let frame = window.next(); frame; frame = bytes < CHUNK_BYTES ? window.next() : undefined) {
      const encoded = encodeFrame(frame);
      bytes += encoded.length;
      frames.push(encoded);
    }
    if (window.unanswered > 0) alarm.ringBy(silentSince + SILENCE_MS);
    return frames;
  }

  /** Not at once, so that what is asked together goes out together. */
  function writeSoon(): void {
    if (writing) return;
    writing = true;
    queueMicrotask(write);
  }

  function checkSilence(): void {
    if (window.unanswered === 0) return;
    const dueAt = silentSince + SILENCE_MS;
    if (clock.monotonic() < dueAt) alarm.ringBy(dueAt);
    else end(new WireError(retry('DST-005', `${name} did not answer for ${SILENCE_MS / 1_000} s`)));
  }

  /** Whoever has never said anything sensible is no RELP server; with one that has, it may pass. */
  function misunderstood(what: string): WireError {
    const sentence = `${name} sent ${what}, which is not RELP`;
    if (isServer) return new WireError(retry('DST-007', sentence));
    return new WireError(blocked('config', 'DST-007', `${sentence}; is it a TLS port, or no RELP at all?`));
  }

  function hear({ txnr, command, data }: RelpFrame): void {
    const request = command === 'rsp' ? window.answered(txnr) : undefined;
    if (request) {
      isServer = true;
      silentSince = clock.monotonic();
      request.done({ kind: 'rsp', data });
      return;
    }
    // Hints have the number 0 and no answer; those that are not known mean nothing.
    const isHint = txnr === 0 && command !== 'rsp';
    if (!isHint) end(misunderstood(`"${txnr} ${command}", which answers nothing`));
    else if (command === 'serverclose') end(new PeerClosedError());
  }

  socket.on('data', (chunk: Buffer) => {
    const { frames, fault } = read(chunk);
    for (const frame of frames) if (!ending) hear(frame);
    if (fault !== undefined) end(misunderstood(fault));
    writeSoon();
  });
  socket.on('error', end);
  socket.on('end', () => end(new PeerClosedError()));
  socket.on('close', () => end(new PeerClosedError()));

  return {
    get ending() {
      return ending;
    },
    ask(request) {
      if (ending) return request.done({ kind: 'unsent', fault: ending.fault });
      window.add(request);
      writeSoon();
    },
    end,
  };
}
