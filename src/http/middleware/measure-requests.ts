// Tells the recorder of every request when it is over.
import type { RequestHandler } from 'express';
import type { Recorder } from '../../contracts/recorder.js';
import { contextOf } from '../context.js';
import { endpointName, endpointOfPath } from '../endpoint-name.js';
import type { Operation } from '../operation.js';

export interface MeasureOptions {
  readonly recorder: Recorder;
  readonly operations: readonly Operation[];
}

export const measureRequests = ({ recorder, operations }: MeasureOptions): RequestHandler => {
  for (const { id } of operations) recorder.endpoint(endpointName(id));
  const findByPath = endpointOfPath(operations);
  return function measureRequests(req, res, next) {
    res.once('close', () => {
      const context = contextOf(res);
      const { arrival, answered, refusal, failedPictures } = context;
      // Files of Swagger UI are sent by Express itself.
      const isAnswered = answered !== undefined || res.writableFinished;
      // One that was refused before the router saw it (no key, too many requests) counts where it wanted to go.
      const operation = context.operation ?? findByPath(req.originalUrl);
      recorder.request({
        endpoint: operation === undefined ? 'none' : endpointName(operation.id),
        predicts: operation?.predicts ?? false,
        failed: !isAnswered || res.statusCode >= 400,
        code: isAnswered ? refusal : 'client_gone',
        seconds: ((answered ?? performance.now()) - arrival) / 1000,
        failedPictures,
      });
    });
    next();
  };
};
