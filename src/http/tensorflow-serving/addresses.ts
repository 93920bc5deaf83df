// How TensorFlow Serving's addresses name a model: its newest version, one by number, or one by label.
import type { Request } from 'express';
import * as z from 'zod';
import type { Classifier, ServedModel } from '../../contracts/classifier.js';
import { AppError } from '../../errors/app-error.js';
import type { ObjectSchema } from '../operation.js';
import { parseParams } from '../parse-request.js';
import { modelParamsSchema, nameParameter, versionParamsSchema } from '../schemas/parameters.js';

export interface Address {
  /** Ends the operations' ids. */
  readonly id: string;
  readonly path: string;
  readonly words: string;
  readonly params: ObjectSchema;
}

const labelParamsSchema = z.object({ model: nameParameter, label: nameParameter });

export const ADDRESSES: readonly Address[] = [
  { id: '', path: '/v1/models/:model', words: 'a model', params: modelParamsSchema },
  {
    id: 'Version',
    path: '/v1/models/:model/versions/:version',
    words: 'one version of a model',
    params: versionParamsSchema,
  },
  {
    id: 'Label',
    path: '/v1/models/:model/labels/:label',
    words: 'the version of a model that has a label',
    params: labelParamsSchema,
  },
];

export interface Target {
  readonly model: string;
  readonly version?: string;
}

const targetSchema = z.object({
  model: nameParameter,
  version: nameParameter.optional(),
  label: nameParameter.optional(),
});

/** A version's folder may have any name; that is its label. There a version is a number: `v2` answers to 2 as well. */
export function targetOf(req: Request, classifier: Classifier): Target {
  const { model, version, label } = parseParams(targetSchema, req);
  const folders = versionsOf(classifier, model);
  if (label !== undefined) {
    if (folders.length > 0 && !folders.includes(label)) {
      throw new AppError('invalid_parameter', `Unrecognized servable version label: ${label}`);
    }
    return { model, version: label };
  }
  if (version === undefined) return { model };
  const numbered = folders.find((folder) => numberOf(folder) === version);
  return { model, version: folders.includes(version) ? version : (numbered ?? version) };
}

const versionsOf = (classifier: Classifier, model: string): readonly string[] => [
  ...classifier
    .models()
    .filter(({ info }) => info.name === model)
    .map(({ info }) => info.version),
  ...classifier
    .failures()
    .filter(({ name }) => name === model)
    .flatMap(({ version }) => version ?? []),
];

/** As TensorFlow Serving writes it: an integer, which typed clients insist on. */
export const numberOf = (version: string): string => version.replace(/^v(?=\d+$)/i, '');

/** In the words of TensorFlow Serving where there is no such model. */
export function servedModel(req: Request, classifier: Classifier): ServedModel {
  const { model, version } = targetOf(req, classifier);
  try {
    return classifier.model(model, version);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'unknown_model') throw error;
    const wanted = version === undefined ? `Latest(${model})` : `Specific(${model}, ${version})`;
    throw new AppError('unknown_model', `Servable not found for request: ${wanted}`, { cause: error });
  }
}
