import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { parse } from 'yaml';
import { z } from 'zod';

export const TEMPLATE_NAMES = ['regional', 'hub-role', 'reader-role', 'stackset-roles', 'seed'] as const;
type TemplateName = (typeof TEMPLATE_NAMES)[number];

/** One of the published templates, as it is sent to CloudFormation. */
export interface Template {
  readonly body: string;
  readonly sha256: string;
  /** Its own output `TemplateVersion`. */
  readonly version: string;
}

const versioned = z.object({ Outputs: z.object({ TemplateVersion: z.object({ Value: z.string() }) }) });

/** Reads a template from `templates/`, which stands beside both `agent/` and `dist/`. */
export async function loadTemplate(name: TemplateName): Promise<Template> {
  const body = await readFile(new URL(`../../templates/${name}.yaml`, import.meta.url), 'utf8');
  // CloudFormation's own tags (!Sub, !Ref) are left as text: only the version is read here.
  const version = versioned.parse(parse(body, { logLevel: 'silent' })).Outputs.TemplateVersion.Value;
  return { body, version, sha256: digestOf(body) };
}

function digestOf(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

const NAME_BY_PARAMETER = 'LogGroupName: !Ref LogGroupName';

const RETAINED = /^( +(?:DeletionPolicy|UpdateReplacePolicy)): Retain\w*$/gm;

/** The template whose log group is deleted with its stack. */
export function withoutRetention(template: Template): Template {
  const body = template.body.replace(RETAINED, '$1: Delete');
  return { ...template, body, sha256: digestOf(body) };
}

/**
 * The template with the log group's name in it. ImportExistingResources adopts a group only under a static name
 * (CloudFormation User Guide, "Import AWS resources into a CloudFormation stack automatically").
 */
export function withLogGroupName(template: Template, logGroup: string): Template {
  const [before, after, ...others] = template.body.split(NAME_BY_PARAMETER);
  if (before === undefined || after === undefined || others.length > 0) {
    throw new Error(`the template must have exactly one line "${NAME_BY_PARAMETER}"`);
  }
  return { ...template, body: `${before}LogGroupName: ${JSON.stringify(logGroup)}${after}` };
}
