import { AwsError } from '../service.ts';

/** The error by which CloudFormation refuses most input. */
export function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message);
}
