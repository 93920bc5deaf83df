// Requests and answers that are born as Express wants them. Express else changes the prototypes of both for every
// request (Object.setPrototypeOf), upon which V8 lets them outlive the collections of young objects: a request of bare
// Express then takes 100 us of the main thread in place of 40, and one in a hundred waits 10 ms for a collection.
import { IncomingMessage, ServerResponse, type ServerOptions } from 'node:http';
import type { Express } from 'express';

/** For http.createServer. Express finds the prototypes that it would set, and leaves them. */
export function expressMessages(app: Express): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  class ExpressRequest extends IncomingMessage {}
  class ExpressResponse<Request extends IncomingMessage> extends ServerResponse<Request> {}
  app.request = inherits(ExpressRequest.prototype, app.request);
  app.response = inherits(ExpressResponse.prototype, app.response);
  return { IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse };
}

function inherits<Parent extends object>(prototype: object, parent: Parent): Parent {
  Object.setPrototypeOf(prototype, parent);
  return prototype as Parent;
}
