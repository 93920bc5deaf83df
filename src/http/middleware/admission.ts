// Refuses a prediction before its body is read, while refusing is still cheap for both sides.
import type { RequestHandler } from 'express';
import type { Classifier, ServedModel } from '../../contracts/classifier.js';
import { AppError } from '../../errors/app-error.js';
import { contextOf } from '../context.js';
import type { InFlight } from '../in-flight.js';
import { parseQuery } from '../parse-query.js';
import { requestSlot } from '../request-slot.js';
import { predictQuerySchema, type PredictQuery } from '../schemas/prediction.js';

export interface AdmissionOptions {
  readonly classifier: Classifier;
  readonly inFlight: InFlight;
}

/** A request that may be served: by which model, and how the answer shall look. */
export interface Admitted {
  readonly model: ServedModel;
  readonly query: PredictQuery;
}

export const admittedSlot = requestSlot<Admitted>('admission');

export const admission = ({ classifier, inFlight }: AdmissionOptions): RequestHandler =>
  function admission(req, res, next) {
    if (contextOf(res).lifecycle.draining()) {
      throw new AppError('draining', 'this instance takes no new predictions', { retryAfterSeconds: 1 });
    }
    const query = parseQuery(predictQuerySchema, req);
    const model = classifier.model(query.model, query.version);
    model.admit(1);
    inFlight.enter(res);
    admittedSlot.set(res, { model, query });
    next();
  };
