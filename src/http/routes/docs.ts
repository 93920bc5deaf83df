// GET /openapi.json, and GET /docs: the same for people, to read and to try.
import type { IRouter, Request, RequestHandler, Response } from 'express';
import swaggerUi from 'swagger-ui-express';
import { answer } from '../answer.js';
import { contextOf } from '../context.js';
import { openApiDocument, type OpenApiDocument } from '../openapi/document.js';
import { jsonAnswer, type Operation } from '../operation.js';
import { openApiSchema } from '../schemas/docs.js';
import type { ServiceName } from './root.js';

export interface DocsOptions {
  readonly service: ServiceName;
  /** Asked when all are known. */
  readonly operations: () => readonly Operation[];
}

export const docsOperations = (options: DocsOptions): readonly Operation[] => [
  {
    id: 'openapi',
    method: 'GET',
    path: '/openapi.json',
    tag: 'Service',
    summary: 'This document',
    answers: { 200: jsonAnswer('An OpenAPI 3.1 document.', openApiSchema) },
    refusals: [],
    handlers: [openapi(options)],
  },
  {
    id: 'docs',
    method: 'GET',
    path: '/docs',
    tag: 'Service',
    summary: 'This document as a page to read and to try',
    answers: {
      200: { description: 'A page.', content: { 'text/html': { schema: { type: 'string' } } } },
      308: { description: 'Without the slash.', content: { 'text/plain': { schema: { type: 'string' } } } },
    },
    refusals: [],
    handlers: [docs(options)],
  },
];

function openapi({ service, operations }: DocsOptions) {
  let made: OpenApiDocument | undefined;
  return function openapi(req: Request, res: Response): void {
    made ??= openApiDocument({ title: service.name, version: service.version, operations: operations() });
    answer(req, res, { status: 200, body: made });
  };
}

const swaggerOptions = {
  tryItOutEnabled: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  // It would tell a site of strangers where this service is.
  validatorUrl: null,
};

/** Links are relative, so that the page works behind a prefix too: it must not be read as a folder. */
function docs({ service }: DocsOptions) {
  const page = swaggerUi
    .generateHTML(undefined, { customSiteTitle: `${service.name}: API` })
    .replaceAll('="./', '="./docs/');
  return function docs(req: Request, res: Response): void {
    if (req.path.endsWith('/')) {
      res.setHeader('Location', '../docs');
      answer(req, res, { status: 308, type: 'text/plain; charset=utf-8', body: 'See ../docs' });
    } else {
      answer(req, res, { status: 200, type: 'text/html; charset=utf-8', body: page });
    }
  };
}

/** Swagger UI's own scripts and styles. */
export function mountDocsAssets(router: IRouter): void {
  const nameRoute: RequestHandler = (_req, res, next) => {
    contextOf(res).route = '/docs/*';
    next();
  };
  router.use(
    '/docs',
    nameRoute,
    ...swaggerUi.serveFiles(undefined, { swaggerUrl: './openapi.json', swaggerOptions }),
  );
}
