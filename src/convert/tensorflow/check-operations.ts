// Refuses graphs that do more than compute.
import { AppError } from '../../errors/app-error.js';
import type { NodeDef } from '../saved-model/protos.js';
import { isAllowed } from './allowed-ops.js';
import type { Reached } from './reach.js';

/** `input` is the node that ours replaces. */
export function checkOperations({ nodes, functions }: Reached, input: string, what: string): void {
  const callable = new Set(functions.map(({ name }) => name));
  const check = ({ name, op }: NodeDef, where: string): void => {
    if (isAllowed(op) || callable.has(op)) return;
    throw new AppError(
      'layer_unsupported',
      `${where}: the node "${name}" is a ${op}, which is not among the operations that are run here`,
      {
        remedy:
          'A graph may compute, and nothing else: export the model without reading, writing, printing or Python in it.',
      },
    );
  };
  for (const node of nodes.filter(({ name }) => name !== input)) {
    if (node.op === 'Placeholder') {
      throw new AppError(
        'not_a_classifier',
        `${what}: beside the picture, the graph wants an input "${node.name}"`,
        {
          remedy:
            'Export the model with one input; what only training needs belongs into a placeholder with a default.',
        },
      );
    }
    check(node, what);
  }
  for (const { name, nodes: body } of functions)
    body.forEach((node) => check(node, `${what}, function ${name}`));
}
