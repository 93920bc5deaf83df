// The OpenAPI 3.1 document, made from the operations that the server mounts: it cannot say anything else.
import type * as z from 'zod';
import { CATALOGUE, type ErrorCode } from '../../errors/catalogue.js';
import { TAGS, type Content, type Contents, type ObjectSchema, type Operation } from '../operation.js';
import { ANYWHERE } from '../refusals.js';
import { errorFormOf, type ErrorForm } from '../error-form.js';
import { accessRefusals, neededRole } from '../middleware/access-rules.js';
import { documentPath } from './document-path.js';
import { SchemaCollection } from './schemas.js';

export interface DocumentOptions {
  readonly title: string;
  readonly version: string;
  readonly operations: readonly Operation[];
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

export interface DocumentedOperation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, object>> }>>;
  readonly [key: string]: unknown;
}

/** Needed where the service is run with keys or tokens: an empty requirement stands for the others. */
const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: 'An API key, or a token of the issuer.' },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
} as const;

const ANY_CREDENTIAL = [{}, { bearer: [] }, { apiKey: [] }];

export function openApiDocument({ title, version, operations }: DocumentOptions): OpenApiDocument {
  const schemas = new SchemaCollection();
  const paths: Record<string, Record<string, DocumentedOperation>> = {};
  for (const operation of operations) {
    const path = (paths[documentPath(operation.path)] ??= {});
    path[operation.method.toLowerCase()] = describe(operation, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title,
      version,
      description:
        'Serves Keras image classifiers. Every refusal is `application/problem+json` with a stable `code`, the `request_id` and what to do about it; those of KServe and TensorFlow Serving have their own form, with the code in `X-Error-Code`.',
    },
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas: schemas.components, securitySchemes: SECURITY_SCHEMES },
  };
}

function describe(operation: Operation, schemas: SchemaCollection): DocumentedOperation {
  const { id, tag, summary, description, body, answers, refusals } = operation;
  const responses: Record<string, { description: string; content: Readonly<Record<string, object>> }> = {};
  for (const [status, answer] of Object.entries(answers)) {
    responses[status] = {
      description: answer.description,
      ...(answer.headers === undefined ? {} : { headers: headersOf(answer.headers) }),
      content: contentOf(answer.content, schemas, 'output'),
    };
  }
  for (const [status, refusal] of Object.entries(
    refusalsByStatus(
      [...ANYWHERE, ...accessRefusals(operation), ...refusals],
      errorFormOf(operation.path),
      schemas,
    ),
  )) {
    const answered = responses[status];
    responses[status] =
      answered === undefined
        ? refusal
        : { description: answered.description, content: { ...refusal.content, ...answered.content } };
  }
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    parameters: [
      ...parameters(operation.params, 'path', schemas),
      ...parameters(operation.query, 'query', schemas),
      ...parameters(operation.headers, 'header', schemas),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            ...(body.description === undefined ? {} : { description: body.description }),
            content: contentOf(body.content, schemas, 'input'),
          },
        }),
    ...(neededRole(operation.path, 'admin') === null ? {} : { security: ANY_CREDENTIAL }),
    responses,
  };
}

const contentOf = (contents: Contents, schemas: SchemaCollection, io: 'input' | 'output') =>
  Object.fromEntries(
    Object.entries(contents).map(([type, { schema, example }]: [string, Content]) => [
      type,
      { schema: schemas.add(schema, io), ...(example === undefined ? {} : { example }) },
    ]),
  );

const headersOf = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );

function parameters(
  schema: ObjectSchema | undefined,
  place: 'path' | 'query' | 'header',
  schemas: SchemaCollection,
) {
  return Object.entries(schema?.shape ?? {}).map(([name, member]: [string, z.ZodType]) => {
    const { description, purpose, ...rest } = schemas.add(member, 'input');
    const text = [purpose, description].filter((part) => typeof part === 'string').join(' Expected: ');
    return {
      name,
      in: place,
      required: place === 'path' || !member.safeParse(undefined).success,
      ...(text === '' ? {} : { description: text }),
      schema: rest,
    };
  });
}

/** The codes that share a status, told in its description. */
function refusalsByStatus(codes: readonly ErrorCode[], form: ErrorForm, schemas: SchemaCollection) {
  const byStatus: Record<string, { description: string; content: Readonly<Record<string, object>> }> = {};
  for (const code of new Set(codes)) {
    const { status, title } = CATALOGUE[code];
    // nginx's 499 never leaves the server: the client is gone.
    if (status === 499) continue;
    const line = `\`${code}\`: ${title}`;
    const known = byStatus[status];
    byStatus[status] = {
      description: known === undefined ? line : `${known.description}; ${line}`,
      content: { [form.type.replace(/;.*/, '')]: { schema: schemas.add(form.schema, 'output') } },
    };
  }
  return byStatus;
}
