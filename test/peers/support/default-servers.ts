import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { z } from 'zod';

import { startChild } from './child.ts';
import { readLines } from './lines.ts';
import { freePort, untilListening } from './ports.ts';
import { until } from './until.ts';

/** A file of the server, by its name. */
type At = (name: string) => string;

interface ServerPlan<Input extends string> {
  readonly program: keyof typeof ARGUMENTS;
  /** By TCP all but `udp`. */
  readonly ports: Readonly<Record<Input, number>>;
  /** Each input must be written to the file of its name with `.log`. */
  configuration(at: At): string;
}

/** A real syslog server of a test, which has to end it to know all that it took. */
interface SyslogServer<Input extends string> {
  readonly ports: Readonly<Record<Input, number>>;
  /** Waits until an input has written this many lines, ends the server and returns all that it has written. */
  lines(input: Input, count: number): Promise<readonly string[]>;
}

const ARGUMENTS = {
  rsyslogd: (at: At) => ['-n', '-f', at('conf'), '-iNONE'],
  'syslog-ng': (at: At) => [
    ...['--foreground', '--no-caps', '-f', at('conf')],
    ...['-R', at('persist'), '-p', at('pid'), '-c', at('control')],
  ],
};

export async function startServer<Input extends string>(
  t: Test,
  { program, ports, configuration }: ServerPlan<Input>,
): Promise<SyslogServer<Input>> {
  // Not deeper: the path of syslog-ng's control socket must be short.
  const directory = await mkdtemp(join(tmpdir(), 'guardrelay-peers-'));
  const at: At = (name) => join(directory, name);
  await writeFile(at('conf'), configuration(at));
  const child = await startChild({ command: program, args: ARGUMENTS[program](at) });
  t.teardown(async () => {
    await child.end('SIGTERM');
    await rm(directory, { recursive: true });
  });
  const streams = Object.entries<number>(ports).filter(([input]) => input !== 'udp');
  await Promise.all(streams.map(([, port]) => untilListening(port)));
  return {
    ports,
    async lines(input, count) {
      const file = at(`${input}.log`);
      const arrived = async () => (await readLines(file)).length >= count;
      // Lines that are missing are for the caller to see.
      await until(`${count} messages`, arrived, { timeoutMs: 30_000 }).catch(() => {});
      await child.end('SIGTERM');
      return readLines(file);
    },
  };
}

const takenMessage = z.object({
  time: z.string(),
  host: z.string(),
  /** APP-NAME or TAG. */
  app: z.string(),
  id: z.string().optional(),
  text: z.string(),
  /** As syslog-ng calls structured data. */
  _SDATA: z.record(z.string(), z.record(z.string(), z.string())).optional(),
});

/** What a server made of messages that it wrote as JSON. */
export async function takenBy<Input extends string>(
  server: SyslogServer<Input>,
  input: Input,
  count: number,
) {
  const lines = await server.lines(input, count);
  return lines.map((line) => takenMessage.parse(JSON.parse(line)));
}

const RSYSLOG_PROPERTIES = { host: 'hostname', app: 'app-name', id: 'msgid', text: 'msg' };

/** rsyslogd with the limits that it comes with, but for `settings` of its `global()`. Writes JSON. */
export async function startDefaultRsyslogd(t: Test, settings = ''): Promise<SyslogServer<'tcp' | 'udp'>> {
  const ports = { tcp: await freePort(), udp: await freePort() };
  const properties = Object.entries(RSYSLOG_PROPERTIES).map(
    ([name, property]) => `property(outname="${name}" name="${property}" format="jsonf")`,
  );
  const input = (name: 'tcp' | 'udp', at: At): readonly string[] => [
    `module(load="im${name}")`,
    `ruleset(name="${name}") { action(type="omfile" file="${at(`${name}.log`)}" template="json") }`,
    `input(type="im${name}" address="127.0.0.1" port="${ports[name]}" ruleset="${name}")`,
  ];
  const configuration = (at: At): readonly string[] => [
    `global(workDirectory="${at('')}" net.enableDNS="off" ${settings})`,
    'template(name="json" type="list" option.jsonf="on") {',
    'property(outname="time" name="timestamp" dateFormat="rfc3339" format="jsonf")',
    ...properties,
    '}',
    ...input('udp', at),
    ...input('tcp', at),
    '',
  ];
  return startServer(t, {
    program: 'rsyslogd',
    ports,
    configuration: (at) => configuration(at).join('\n'),
  });
}

/** syslog-ng with the limits that it comes with: `syslog()` by TCP, `network()` for RFC 5424 and 3164. Writes JSON. */
export async function startDefaultSyslogNg(t: Test): Promise<SyslogServer<'octet' | 'lf' | 'bsd'>> {
  const ports = { octet: await freePort(), lf: await freePort(), bsd: await freePort() };
  const place = (port: number): string => `ip("127.0.0.1") port(${port})`;
  const drivers = {
    octet: `syslog(transport("tcp") ${place(ports.octet)})`,
    lf: `network(transport("tcp") flags(syslog-protocol) ${place(ports.lf)})`,
    bsd: `network(transport("tcp") ${place(ports.bsd)})`,
  };
  const path = (input: string, driver: string, at: At): string =>
    `log { source { ${driver}; }; destination { file("${at(`${input}.log`)}" template(json)); }; };`;
  const configuration = (at: At): readonly string[] => [
    '@version: 3.38',
    'options { keep-hostname(yes); use-dns(no); dns-cache(no); stats-freq(0); };',
    'template json { template("$(format-json time=$ISODATE host=$HOST app=$PROGRAM id=$MSGID text=$MESSAGE --key .SDATA.*)\\n"); template-escape(no); };',
    ...Object.entries(drivers).map(([input, driver]) => path(input, driver, at)),
    '',
  ];
  return startServer(t, {
    program: 'syslog-ng',
    ports,
    configuration: (at) => configuration(at).join('\n'),
  });
}
