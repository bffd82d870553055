import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** Compares answers with an OpenAPI document; what does not fit comes back in words. */
export type AnswerCheck = (path: string, answer: unknown, method?: 'get' | 'post') => readonly string[];

export function createAnswerCheck(document: object): AnswerCheck {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(document, 'api');
  return (path, answer, method = 'get') => {
    const pointer = ['paths', path, method, 'responses', '200', 'content', 'application/json', 'schema'];
    const escaped = pointer.map((part) =>
      encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    const validate = ajv.getSchema(`api#/${escaped.join('/')}`);
    if (!validate) return [`the document has no answer for ${path}`];
    if (validate(answer)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}
