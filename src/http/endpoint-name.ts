// What metrics call an endpoint: `classify_image`, by its operation and never by a URL.
import type { Operation } from './operation.js';

const names = new Map<string, string>();

export function endpointName(operationId: string): string {
  const known = names.get(operationId);
  if (known !== undefined) return known;
  const name = operationId.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
  names.set(operationId, name);
  return name;
}

/** The first operation of the path that a URL asks for. */
export function endpointOfPath(
  operations: readonly Operation[],
): (url: string) => Pick<Operation, 'id' | 'predicts'> | undefined {
  const patterns = operations.map((operation) => ({ operation, pattern: patternOf(operation.path) }));
  return (url) => {
    const [path = ''] = url.split('?', 1);
    return patterns.find(({ pattern }) => pattern.test(path))?.operation;
  };
}

/** Of a path in Express's words: `/v1/models/:model\:predict`. */
function patternOf(path: string): RegExp {
  const source = path
    .split(/((?<!\\):\w+)/)
    .map((part, at) =>
      at % 2 === 1 ? '[^/]+' : part.replaceAll('\\:', ':').replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('');
  return new RegExp(`^${source}/?$`, 'i');
}
