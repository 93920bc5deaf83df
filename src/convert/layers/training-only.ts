// Layers that do something while training and nothing while serving.
import type { LayerSpec } from './layer.js';

const names = ['Dropout', 'SpatialDropout2D', 'GaussianDropout', 'GaussianNoise', 'ActivityRegularization'] as const;

export const trainingOnly: readonly LayerSpec[] = names.map((name) => ({
  names: [name],
  options: {},
  build: ({ input }) => input(),
}));
