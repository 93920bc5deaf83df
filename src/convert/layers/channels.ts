// Every graph has its channels last. A layer of a channels_first model is put between two transpositions, which a pass
// then moves through the network until they meet and cancel.
import type { ConfigReader } from '../keras/config-reader.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Node } from '../graph/node.js';
import { moveAxis } from '../graph/ops/shaping.js';

export const DATA_FORMAT = 'channels_last, channels_first';

export const channelsFirst = (config: ConfigReader): boolean =>
  // Keras 1 and old Theano models said "th".
  config.choice('data_format', ['channels_last', 'channels_first'], 'channels_last') === 'channels_first';

export function channelsLast(
  g: GraphBuilder,
  config: ConfigReader,
  input: Node,
  body: (input: Node) => Node,
): Node {
  if (!channelsFirst(config)) return body(input);
  const last = input.shape.length - 1;
  const result = body(moveAxis(g, input, 1, last));
  return result.shape.length > 2 ? moveAxis(g, result, result.shape.length - 1, 1) : result;
}
