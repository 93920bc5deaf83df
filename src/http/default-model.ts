// The model that answers when a request names none, if it is there.
import type { Classifier, ServedModel } from '../contracts/classifier.js';
import { AppError } from '../errors/app-error.js';

export function defaultModel(classifier: Classifier): ServedModel | null {
  try {
    return classifier.model();
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}
