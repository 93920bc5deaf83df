// What a layer is to the converter: its Keras names, the options it heeds, and how it is built from operations.
import type { ConfigReader } from '../keras/config-reader.js';
import type { LayerCallConfig } from '../keras/architecture.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Node } from '../graph/node.js';
import type { FloatTensor } from '../graph/tensor.js';

export interface LayerCall {
  readonly g: GraphBuilder;
  readonly config: ConfigReader;
  readonly inputs: readonly Node[];
  readonly call: LayerCallConfig;
  /** The only input; a config fault where there are none or more. */
  input(): Node;
  /** Declares a weight, in the order in which Keras creates them. */
  weight(name: string, shape: readonly number[], options?: { readonly trainable: boolean }): FloatTensor;
}

export interface LayerSpec {
  /** Keras class names; older spellings after the present one. */
  readonly names: readonly [string, ...string[]];
  /** Options that are heeded, with what is understood where it is not everything. */
  readonly options: Readonly<Record<string, string>>;
  build(call: LayerCall): Node;
}

/** Every channel of every layer stands last: channels_first models are not read (yet). */
export function refuseChannelsFirst(config: ConfigReader): void {
  if (config.text('data_format', 'channels_last') !== 'channels_last') {
    config.fail('data_format', 'channels_last', config.values['data_format']);
  }
}
