import { z } from 'zod';
import type { Call, Caller, Service } from './service.ts';
import { AwsError } from './service.ts';

/** One API operation: its input checked, then done. */
export interface Operation {
  run(call: Call): unknown;
}

/** Makes operations of a service that refuses bad input with this error code. */
export function operationsRefusing(invalidCode: string) {
  return <Input extends z.ZodType>(
    input: Input,
    run: (input: z.output<Input>, caller: Caller) => unknown,
  ): Operation => ({
    run(call) {
      const parsed = input.safeParse(call.input);
      if (!parsed.success) throw new AwsError(invalidCode, z.prettifyError(parsed.error));
      return run(parsed.data, call.caller);
    },
  });
}

/** Answers the calls of a service from a table of its operations. */
export function answering(operations: Readonly<Record<string, Operation>>): Service['handle'] {
  return async (call) => {
    const operation = operations[call.operation];
    if (operation) return operation.run(call);
    throw new AwsError('UnknownOperationException', `localaws does not implement ${call.operation}`);
  };
}
