// Requests made from an OpenAPI document: over every operation, with what it describes and what it does not.
import type { OpenApiDocument } from '../../../src/http/openapi/document.js';
import { bodyFor, type Media } from './bodies.js';
import type { Random } from './random.js';
import { HOSTILE_TEXTS, valueFor, type Components, type Schema } from './values.js';

export interface FuzzRequest {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

export interface FuzzOptions {
  readonly random: Random;
  readonly pictures: readonly Buffer[];
  /** Names that exist, for the parameters of paths. */
  readonly known: Readonly<Record<string, readonly string[]>>;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
}

export class RequestMaker {
  readonly #operations: readonly { path: string; method: string; described: Described }[];
  readonly #components: Components;
  #turn = 0;

  constructor(
    document: OpenApiDocument,
    private readonly options: FuzzOptions,
  ) {
    this.#components = document.components.schemas;
    this.#operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => ({
        path,
        method: method.toUpperCase(),
        described: described,
      })),
    );
  }

  get operations(): readonly string[] {
    return this.#operations.map(({ described }) => described.operationId);
  }

  /** One operation after the other, so that none is left out. */
  next(): FuzzRequest {
    const { random } = this.options;
    const operation = this.#operations[this.#turn++ % this.#operations.length];
    if (operation === undefined) throw new Error('the document has no operations');
    const { path, method, described } = operation;
    const parameters = described.parameters ?? [];
    const body = this.#body(described);
    const given = (place: Parameter['in']): readonly Parameter[] =>
      parameters.filter((parameter) => parameter.in === place && random.chance(0.3));
    const query = given('query').flatMap((parameter) => {
      const pair = `${encodeURIComponent(parameter.name)}=${this.#text(parameter)}`;
      return random.chance(0.03) ? [pair, pair] : [pair];
    });
    const headers = given('header').map((parameter) => [parameter.name, headerSafe(this.#text(parameter))]);
    return {
      operationId: described.operationId,
      method: random.chance(0.03)
        ? random.pick(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'])
        : method,
      path: this.#fill(path, parameters) + (query.length > 0 ? `?${query.join('&')}` : ''),
      headers: {
        ...(Object.fromEntries(headers) as Record<string, string>),
        ...(body === null ? {} : { 'content-type': headerSafe(body.type) }),
        ...(random.chance(0.1)
          ? { accept: random.pick(['text/plain', '*/*', 'application/json', 'x']) }
          : {}),
      },
      body: body?.bytes ?? null,
    };
  }

  #body(described: Described) {
    const { random, pictures } = this.options;
    const contents = Object.entries(described.requestBody?.content ?? {});
    if (contents.length === 0)
      return random.chance(0.02) ? { type: 'text/plain', bytes: random.bytes(20) } : null;
    if (random.chance(0.02)) return null;
    const [type, media] = random.pick(contents);
    return bodyFor(type, media, { random, pictures, components: this.#components });
  }

  #fill(path: string, parameters: readonly Parameter[]): string {
    const { random, known } = this.options;
    return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const names = known[name] ?? ['1'];
      if (random.chance(0.7)) return random.pick(names);
      const parameter = parameters.find((candidate) => candidate.name === name);
      const text = parameter === undefined ? random.pick(HOSTILE_TEXTS) : this.#text(parameter);
      return text === '' ? 'x' : text;
    });
  }

  /** As it stands in a URL: now and then not even encoded. */
  #text({ schema }: Parameter): string {
    const { random } = this.options;
    const value = random.chance(0.6)
      ? valueFor(schema, this.#components, random)
      : random.pick(HOSTILE_TEXTS);
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return random.chance(0.05) ? text.replaceAll(/[^\x21-\x7e]/g, '%') : encodeURIComponent(text);
  }
}

/** node:http itself refuses to send anything else. */
const headerSafe = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 1000);
