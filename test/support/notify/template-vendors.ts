import { z } from 'zod';

import type { WebhookRequest } from '../webhook-receiver.ts';

/** What each vendor says of a request that a template made; undefined: it takes it. */
type Objection = string | undefined;

interface TemplateVendor {
  /** Options beside the address. */
  readonly options: Readonly<Record<string, unknown>>;
  object(request: WebhookRequest): Objection;
}

const JSON_TYPE = 'application/json';

/** https://docs.opsgenie.com/docs/alert-api: create alert, close alert. */
const opsgenieAlert = z.strictObject({
  message: z.string().min(1).max(130),
  alias: z.string().min(1).max(512),
  description: z.string().max(15_000),
  source: z.string().max(100),
  entity: z.string().max(512),
  priority: z.enum(['P1', 'P2', 'P3', 'P4', 'P5']),
  tags: z.array(z.string().min(1).max(50)).max(20),
  details: z.record(z.string(), z.string().max(8_000)),
});
const opsgenieClose = z.strictObject({ source: z.string().max(100), note: z.string().max(25_000) });

/** https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#create-ticket */
const zendeskTicket = z.strictObject({
  ticket: z.strictObject({
    subject: z.string().min(1).max(255),
    comment: z.strictObject({ body: z.string().min(1).max(65_535), public: z.boolean() }),
    type: z.enum(['problem', 'incident', 'question', 'task']),
    priority: z.enum(['urgent', 'high', 'normal', 'low']),
    external_id: z.string().max(255),
    tags: z.array(z.string().regex(/^\S+$/)),
  }),
});

const adfText = z.strictObject({ type: z.literal('text'), text: z.string().min(1) });
const adfParagraph = z.strictObject({ type: z.literal('paragraph'), content: z.array(adfText) });
/** https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-post */
const jiraIssue = z.strictObject({
  fields: z.strictObject({
    project: z.strictObject({ key: z.string().regex(/^[A-Z][A-Z0-9_]+$/) }),
    issuetype: z.strictObject({ name: z.string().min(1) }),
    summary: z
      .string()
      .min(1)
      .max(255)
      .regex(/^[^\r\n]*$/),
    labels: z.array(z.string().regex(/^\S{1,255}$/)),
    description: z.strictObject({
      type: z.literal('doc'),
      version: z.literal(1),
      content: z.array(adfParagraph),
    }),
  }),
});

const color = z.enum(['default', 'attention', 'warning', 'good']);
const textRun = z.strictObject({
  type: z.literal('TextRun'),
  text: z.string().min(1),
  weight: z.literal('bolder').exactOptional(),
  size: z.literal('small').exactOptional(),
  isSubtle: z.boolean().exactOptional(),
  fontType: z.literal('monospace').exactOptional(),
  color: color.exactOptional(),
});
const openUrl = z.strictObject({
  type: z.literal('Action.OpenUrl'),
  title: z.string().min(1),
  url: z.url({ protocol: /^https?$/ }),
});
/** https://adaptivecards.io/explorer/RichTextBlock.html: a TextRun knows no Markdown. */
const card = z.strictObject({
  $schema: z.url(),
  type: z.literal('AdaptiveCard'),
  version: z.literal('1.4'),
  body: z.array(z.strictObject({ type: z.literal('RichTextBlock'), inlines: z.array(textRun) })),
  actions: z.array(openUrl),
});
/** https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using */
const teamsMessage = z.strictObject({
  type: z.literal('message'),
  attachments: z.tuple([
    z.strictObject({
      contentType: z.literal('application/vnd.microsoft.card.adaptive'),
      contentUrl: z.null(),
      content: card,
    }),
  ]),
});
const MAX_TEAMS_BYTES = 28 * 1_024;

function misfit(schema: z.ZodType, { text, headers }: WebhookRequest): Objection {
  if (headers['content-type'] !== JSON_TYPE) return `content-type ${headers['content-type']}`;
  const { error } = schema.safeParse(JSON.parse(text));
  return error && z.prettifyError(error);
}

function atPath(expected: RegExp, { path, method }: WebhookRequest): Objection {
  return method === 'POST' && expected.test(path) ? undefined : `${method} ${path}`;
}

export const templateVendors: Readonly<Record<string, TemplateVendor>> = {
  opsgenie: {
    options: { headers: { authorization: 'env:KEY' } },
    object: (request) =>
      request.path === '/v2/alerts'
        ? misfit(opsgenieAlert, request)
        : (atPath(/^\/v2\/alerts\/[\w.%~-]+\/close\?identifierType=alias$/, request) ??
          misfit(opsgenieClose, request)),
  },
  zendesk: {
    options: { auth: { basic: { username: 'soc@example.com/token', password: 'env:KEY' } } },
    object: (request) => atPath(/^\/api\/v2\/tickets\.json$/, request) ?? misfit(zendeskTicket, request),
  },
  jira: {
    options: {
      auth: { basic: { username: 'soc@example.com', password: 'env:KEY' } },
      values: { project: 'SEC', issueType: 'Task' },
    },
    object: (request) => atPath(/^\/rest\/api\/3\/issue$/, request) ?? misfit(jiraIssue, request),
  },
  teams: {
    options: {},
    object: (request) => {
      if (request.wire.length > MAX_TEAMS_BYTES) return `${request.wire.length} bytes`;
      return atPath(/^\/hook$/, request) ?? misfit(teamsMessage, request);
    },
  },
};
