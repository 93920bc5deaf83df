// docs/api.md, from the operations that the server mounts.
import { CATALOGUE, type ErrorCode } from '../errors/catalogue.js';
import { openApiDocument, type OpenApiDocument } from '../http/openapi/document.js';
import { documentPath } from '../http/openapi/document-path.js';
import { accessRefusals } from '../http/middleware/access-rules.js';
import { TAGS, type Operation } from '../http/operation.js';
import { GENERATED, table } from './markdown.js';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
}

export function apiDocument(operations: readonly Operation[]): string {
  const document = openApiDocument({ title: 'h5serve', version: '', operations });
  const sections = Object.entries(TAGS).map(([tag, meaning]) => {
    const here = operations.filter((operation) => operation.tag === tag);
    return [`## ${tag}`, meaning, ...here.map((operation) => section(operation, document))].join('\n\n');
  });
  return `${GENERATED}

# The HTTP API

The same as pages to try is at \`GET /docs\`, as an OpenAPI 3.1 document at \`GET /openapi.json\`.
Every answer has an \`X-Request-Id\`: the client's own, if it sent one. Refusals are \`application/problem+json\`, but for the protocols of KServe and TensorFlow Serving, and have their code in \`X-Error-Code\`;
[errors.md](errors.md) lists their codes. Which calls need a key where keys are on is in [operations.md](operations.md).

${contents(operations)}

${sections.join('\n\n')}
`;
}

const contents = (operations: readonly Operation[]): string =>
  table(
    ['call', 'what'],
    operations.map(({ id, method, path, summary }) => [
      `[\`${method} ${documentPath(path)}\`](#${id.toLowerCase()})`,
      summary,
    ]),
  );

function section(operation: Operation, document: OpenApiDocument): string {
  const { id, method, path, summary, description, body, answers } = operation;
  const described = document.paths[documentPath(path)]?.[method.toLowerCase()];
  const parameters = (described?.['parameters'] ?? []) as readonly Parameter[];
  const parts = [
    `### <a id="${id.toLowerCase()}"></a>${method} ${documentPath(path)}`,
    `${summary}.${description === undefined ? '' : ` ${description}`}`,
  ];
  if (parameters.length > 0) {
    const rows = parameters.map(({ name, in: place, description: text = '' }) => [
      `\`${name}\``,
      place,
      text,
    ]);
    parts.push(table(['parameter', 'in', 'meaning'], rows));
  }
  if (body !== undefined) {
    const types = Object.keys(body.content).map((type) => `\`${type}\``);
    parts.push(`Body: ${types.join(', ')}.${body.description === undefined ? '' : ` ${body.description}`}`);
  }
  for (const [status, answer] of Object.entries(answers)) {
    parts.push(`**${status}** ${answer.description}`);
    const example = answer.content['application/json']?.example;
    if (example !== undefined) parts.push(`\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\``);
  }
  const refusals = refusalsOf(operation);
  if (refusals !== '') parts.push(`Refusals: ${refusals}.`);
  return parts.join('\n\n');
}

/** `400: no_image, empty_file; 503: queue_full`, each a link. */
function refusalsOf(operation: Operation): string {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set([...accessRefusals(operation), ...operation.refusals])) {
    const { status } = CATALOGUE[code];
    if (status !== 499) byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return [...byStatus]
    .toSorted(([a], [b]) => a - b)
    .map(
      ([status, codes]) => `${status} ${codes.map((code) => `[\`${code}\`](errors.md#${code})`).join(', ')}`,
    )
    .join('; ');
}
