import type { ResourceHandler } from '../../service.ts';
import { AwsError } from '../../service.ts';
import { invalid } from '../invalid.ts';
import type { PlannedResource } from '../template/planned-resource.ts';
import type { ResourceFailure, ResourceStatus, Stack } from './stack.ts';

/** A step as the events tell it. */
interface ResourceStep {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId?: string | undefined;
  readonly status: ResourceStatus;
  readonly reason?: string | undefined;
}

/** What every step on a resource needs. */
export interface ResourceDesk {
  /** Throws for a type that nobody handles. */
  handlerOf(planned: PlannedResource): ResourceHandler;
  record(stack: Stack, step: ResourceStep): void;
  /** Whether a stack has this resource already. */
  isOwned(stack: Stack, type: string, physicalId: string): boolean;
  now(): number;
}

export interface ResourceDeskOptions extends Omit<ResourceDesk, 'handlerOf'> {
  readonly handlers: readonly ResourceHandler[];
}

export function createResourceDesk({ handlers, ...desk }: ResourceDeskOptions): ResourceDesk {
  const byType = new Map(handlers.map((handler) => [handler.type, handler]));
  return {
    ...desk,
    handlerOf({ declaration: { Type } }) {
      const handler = byType.get(Type);
      if (handler) return handler;
      throw invalid(`Template format error: Unrecognized resource types: [${Type}]`);
    },
  };
}

export function identityOf({ logicalId, declaration }: PlannedResource) {
  return { logicalId, type: declaration.Type };
}

/** What an error of a handler means for a stack. */
export function failureOf(planned: PlannedResource, error: unknown): ResourceFailure {
  return { ...identityOf(planned), reason: reasonOf(error) };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof AwsError)) return String(error);
  if (error.code === 'ValidationError') return error.message;
  return `Resource handler returned message: "${error.message}" (HandlerErrorCode: ${error.code})`;
}
