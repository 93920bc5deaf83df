// The document: valid, whole, with examples that hold and calls that work.
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect } from 'chai';
import express from 'express';
import request from 'supertest';
import { mount } from '../../src/http/mount.js';
import { documentPath } from '../../src/http/openapi/document-path.js';
import type { OpenApiDocument } from '../../src/http/openapi/document.js';
import { Contract } from '../helpers/contract.js';
import { replyOf } from '../helpers/reply.js';
import { startService, type TestService } from '../helpers/service.js';

interface Media {
  readonly schema: object;
  readonly example?: object;
}

interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, Media>> }>>;
}

describe('GET /openapi.json', () => {
  let service: TestService;
  let document: OpenApiDocument;
  let described: { readonly path: string; readonly method: string; readonly operation: Described }[];
  before(async () => {
    service = await startService();
    document = (await replyOf(request(service.app).get('/openapi.json'))).body as OpenApiDocument;
    described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        path,
        method,
        operation: operation as unknown as Described,
      })),
    );
  });
  after(() => service.close());

  it('is valid by the schema of OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(
      JSON.parse(JSON.stringify(document)) as Record<string, unknown>,
    );
    expect(valid, JSON.stringify(errors)).to.equal(true);
  });

  it('describes every route that is mounted, and no other', () => {
    const mounted = routesOf(service.express);
    expect(described.map(({ path, method }) => `${method} ${path}`).toSorted()).to.deep.equal(
      mounted.toSorted(),
    );
  });

  it('would notice a route that is mounted beside the operations', () => {
    const app = express();
    mount(app, []);
    app.get('/hidden', (_req, res) => void res.end());
    expect(routesOf(app)).to.deep.equal(['get /hidden']);
  });

  it('names every operation once', () => {
    const ids = described.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('shows examples of answers that hold against their schemas', () => {
    const contract = new Contract(document);
    let examples = 0;
    for (const { operation } of described) {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        for (const { schema, example } of Object.values(content)) {
          if (example === undefined) continue;
          examples += 1;
          contract.validate(schema, `${operation.operationId} ${status}`, JSON.stringify(example));
        }
      }
    }
    expect(contract.violations).to.deep.equal([]);
    expect(examples).to.be.above(0);
  });

  it('shows examples of bodies that work as they stand', async () => {
    let tried = 0;
    for (const { path, method, operation } of described) {
      const example = operation.requestBody?.content['application/json']?.example;
      if (example === undefined || method !== 'post') continue;
      tried += 1;
      const address = path.replace('{model}', 'digits').replace('{version}', 'v1');
      const { status, body } = await replyOf(request(service.app).post(address).send(example));
      expect(status, `${operation.operationId}: ${JSON.stringify(body)}`).to.equal(200);
    }
    expect(tried).to.be.above(0);
  });

  it('tells the range of integers and the words of choices', () => {
    const { parameters } = document.paths['/predict']?.['post'] as unknown as {
      parameters: { name: string; schema: object; required: boolean }[];
    };
    expect(parameters.find(({ name }) => name === 'top_k')).to.deep.include({
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 1000 },
    });
  });

  it('writes paths in the words of OpenAPI', () => {
    expect(documentPath('/v1/models/:model/versions/:version\\:predict')).to.equal(
      '/v1/models/{model}/versions/{version}:predict',
    );
  });
});

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}

/** As Express holds them. */
function routesOf(app: express.Express): readonly string[] {
  const { stack } = app.router as unknown as { readonly stack: readonly Layer[] };
  return stack.flatMap(({ route }) =>
    route === undefined
      ? []
      : Object.keys(route.methods)
          .filter((method) => method !== '_all')
          .map((method) => `${method} ${documentPath(route.path)}`),
  );
}
