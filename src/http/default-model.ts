// The model that answers when a request names none, if it is there.
import type { Classifier, ServedModel } from '../contracts/classifier.js';
import { AppError } from '../errors/app-error.js';

/** What `name` or else the default is: for endpoints that are meant for one model and serve with any. */
export function modelOrDefault(classifier: Classifier, name: string): ServedModel {
  try {
    return classifier.model(name);
  } catch (error) {
    // One that is there and could not be loaded is told of: another's answer would be nonsense.
    if (error instanceof AppError && error.code === 'unknown_model') return classifier.model();
    throw error;
  }
}

export function defaultModel(classifier: Classifier): ServedModel | null {
  try {
    return classifier.model();
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}
