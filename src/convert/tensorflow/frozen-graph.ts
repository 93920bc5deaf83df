// A frozen graph: a GraphDef that holds its weights as constants.
import type { GraphEnds } from '../../contracts/model.js';
import { AppError } from '../../errors/app-error.js';
import { findEnds } from './find-ends.js';
import { isVariable } from './freeze.js';
import { readGraphDef } from './graph-def.js';
import type { GraphModel } from './graph-model.js';

export function readFrozenGraph(file: string, bytes: Uint8Array, ends: GraphEnds): GraphModel {
  const graph = readGraphDef(bytes, file);
  return {
    what: file,
    graph,
    ...findEnds(graph, ends, file),
    weights: (nodes) => {
      const variable = nodes.find(isVariable);
      if (variable === undefined) return Promise.resolve(new Map());
      throw new AppError(
        'weights_missing',
        `${file}: "${variable.name}" is a variable, and a graph alone has no values for it`,
        {
          remedy: 'Freeze the graph (convert_variables_to_constants_v2), or serve the SavedModel.',
        },
      );
    },
  };
}
