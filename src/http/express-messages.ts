// Requests and answers that are born as Express wants them. Express else changes the prototypes of both for every
// request (Object.setPrototypeOf), upon which V8 lets them outlive the collections of young objects: a request of bare
// Express then takes 100 us of the main thread in place of 40, and one in a hundred waits 10 ms for a collection.
import { IncomingMessage, ServerResponse, type ServerOptions } from 'node:http';
import type { Express } from 'express';

/** For http.createServer. */
export type ExpressMessages = Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>;

/** Express finds the prototypes that it would set, and leaves them. */
export function expressMessages(app: Express): ExpressMessages {
  class ExpressRequest extends IncomingMessage {}
  class ExpressResponse<Request extends IncomingMessage> extends ServerResponse<Request> {}
  app.request = inherits(ExpressRequest.prototype, app.request);
  app.response = inherits(ExpressResponse.prototype, app.response);
  return { IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse };
}

/** Makes the messages of one app do for another, with the settings of the first: V8 compiles for the classes that it sees. */
export function shareMessages(from: Express, to: Express): void {
  to.request = from.request;
  to.response = from.response;
}

function inherits<Parent extends object>(prototype: object, parent: Parent): Parent {
  Object.setPrototypeOf(prototype, parent);
  return prototype as Parent;
}
