// One checkpoint in, one SavedModel folder out: the converter's only entry.
import type { Converted } from '../contracts/artifact.js';
import type { ConvertOptions } from '../contracts/conversion.js';
import type { GraphEnds } from '../contracts/model.js';
import { convertGraph } from './convert-graph.js';
import { convertOpened } from './convert-layers.js';
import { openModel } from './open-model.js';

export const convertCheckpoint = (options: ConvertOptions): Promise<Converted> =>
  openModel<Converted>(
    { ...options, ends: endsOf(options) },
    {
      layers: (checkpoint) => convertOpened(checkpoint, options),
      graph: (model) => convertGraph(model, options),
    },
  );

/** The manifest's `output_layer` means an output of a graph, too. */
const endsOf = ({ graph, head }: ConvertOptions): GraphEnds =>
  head.kind === 'pictures' ? { output: head.outputLayer, ...graph } : { ...graph };
