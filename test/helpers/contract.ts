// Holds every answer of a test's service against its own OpenAPI document: status, media type and body.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { documentPath } from '../../src/http/openapi/document-path.js';
import type { OpenApiDocument } from '../../src/http/openapi/document.js';

/** One object: compiled once. */
const PROBLEM = { $ref: '#/components/schemas/Problem' };

export class Contract {
  readonly violations: string[] = [];
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #compiled = new Map<object, ValidateFunction>();

  constructor(private readonly document: OpenApiDocument) {
    formats.default(this.#ajv);
  }

  /** The same listener; what it answers is looked at when it is sent. */
  watch(listener: RequestListener): RequestListener {
    return (req, res) => {
      const chunks: Buffer[] = [];
      const keep = (chunk: unknown): void => {
        if (typeof chunk === 'string') chunks.push(Buffer.from(chunk));
        else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
      };
      const write = res.write.bind(res) as (...args: unknown[]) => boolean;
      const end = res.end.bind(res) as (...args: unknown[]) => ServerResponse;
      res.write = (...args: unknown[]) => (keep(args[0]), write(...args));
      res.end = (...args: unknown[]) => (keep(args[0]), end(...args));
      res.once('finish', () => this.#hold(req, res, Buffer.concat(chunks)));
      listener(req, res);
    };
  }

  #hold(req: IncomingMessage, res: ServerResponse, body: Buffer): void {
    const type = String(res.getHeader('content-type') ?? '').replace(/;.*/, '');
    const route = routeOf(req);
    // Swagger UI's own files, and preflights, which no document describes.
    if ((route === null && res.statusCode < 400) || res.statusCode === 304) return;
    const method = req.method === 'HEAD' ? 'GET' : (req.method ?? '');
    const operation =
      route === null ? undefined : this.document.paths[documentPath(route)]?.[method.toLowerCase()];
    const where = `${req.method ?? ''} ${route ?? 'no route'} ${res.statusCode} ${type}`;
    if (operation === undefined) {
      if (type !== 'application/problem+json') this.violations.push(`${where}: expected a problem`);
      else this.validate(PROBLEM, where, body.toString('utf8'));
      return;
    }
    const content = operation.responses[res.statusCode]?.content?.[type];
    if (content === undefined) {
      this.violations.push(`${where}: not documented; ${body.toString('utf8').slice(0, 300)}`);
    } else if (req.method !== 'HEAD' && type.endsWith('json') && 'schema' in content) {
      this.validate(content.schema as object, where, body.toString('utf8'));
    }
  }

  validate(schema: object, where: string, body: string): void {
    const validate = this.#compiled.get(schema) ?? this.#ajv.compile(this.#standalone(schema));
    this.#compiled.set(schema, validate);
    if (validate(JSON.parse(body))) return;
    this.violations.push(`${where}: ${this.#ajv.errorsText(validate.errors)}; ${body.slice(0, 300)}`);
  }

  /** With the components that it points to. */
  #standalone(schema: object): object {
    const whole = { ...schema, components: this.document.components };
    return JSON.parse(JSON.stringify(whole)) as object;
  }
}

function routeOf(req: IncomingMessage): string | null {
  const route: unknown = 'route' in req ? req.route : null;
  if (typeof route !== 'object' || route === null || !('path' in route)) return null;
  return typeof route.path === 'string' ? route.path : null;
}
