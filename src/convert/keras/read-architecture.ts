// From the JSON that Keras wrote (1.x to 3.x) to an Architecture.
import { AppError } from '../../errors/app-error.js';
import type { Architecture, LayerCallConfig, LayerConfig, TensorRef } from './architecture.js';
import { ConfigReader, isObject, type JsonObject } from './config-reader.js';
import { asKeras2 } from './keras1.js';
import { withoutKnownLambda } from './lambda/known-lambda.js';
import { parseConfig } from './parse-config.js';
import { withPlainConfig } from './plain-values.js';
import { readCalls, readRefs } from './read-calls.js';
import { qualifiedClass } from './refused-layer.js';
import { asOperationCall } from './tensorflow-op-layer.js';
import { unwrap } from './unwrap.js';

/** Models in models in models: real ones go three deep. */
const MAX_NESTING = 16;
/** The largest of Keras Applications (NASNetLarge) has about 1,000; those of nested models count. */
const MAX_LAYERS = 20_000;
/** Beyond this a name is damage, or meant to be one for whoever prints it. */
const MAX_NAME = 1000;

const FUNCTIONAL = new Set(['Functional', 'Model']);

export const isModelClass = (className: string): boolean =>
  className === 'Sequential' || FUNCTIONAL.has(className);

export function parseArchitecture(json: string): Architecture {
  let parsed: unknown;
  try {
    parsed = parseConfig(json);
  } catch (cause) {
    throw new AppError('config_malformed', 'the model config is not JSON', { cause });
  }
  return readArchitecture(parsed);
}

export function readArchitecture(value: unknown, depth = 0): Architecture {
  if (depth > MAX_NESTING)
    throw new AppError('config_malformed', `models are nested more than ${MAX_NESTING} deep`);
  const outer = new ConfigReader(isObject(value) ? value : {}, 'model config');
  const className = qualifiedClass(outer.values, outer.text('class_name'));
  if (className === 'Sequential') return readSequential(outer, depth);
  if (FUNCTIONAL.has(className)) return readFunctional(outer, className, depth);
  throw new AppError(
    'checkpoint_unsupported',
    `the model is of the class ${className}: a model class of its own keeps its architecture in Python code`,
    {
      remedy: 'Rebuild it with the Functional API or Sequential and save it again.',
    },
  );
}

function readFunctional(outer: ConfigReader, className: string, depth: number): Architecture {
  const config = new ConfigReader(objectAt(outer, 'config'), 'model config');
  const layers = readLayers(config, depth);
  return {
    name: config.text('name', 'model'),
    className,
    layers,
    inputs: readRefs(config, 'input_layers'),
    outputs: readRefs(config, 'output_layers'),
  };
}

function readSequential(outer: ConfigReader, depth: number): Architecture {
  // Keras 1.x to 2.2.2 wrote the bare list of layers.
  const written = outer.values['config'];
  const config = new ConfigReader(
    Array.isArray(written) ? { layers: written } : objectAt(outer, 'config'),
    'model config',
  );
  const layers = readLayers(config, depth);
  const [first] = layers;
  if (first === undefined) throw new AppError('config_malformed', 'the Sequential model has no layers');

  const chain =
    first.className === 'InputLayer'
      ? layers
      : [implicitInput(first, config.values['build_input_shape']), ...layers];
  const ref = (layer: LayerConfig): TensorRef => ({ layer: layer.name, call: 0, output: 0 });
  const linked = chain.map((layer, at): LayerConfig => {
    const previous = chain[at - 1];
    const call: LayerCallConfig = {
      inputs: previous === undefined ? [] : [ref(previous)],
      args: [],
      kwargs: {},
    };
    return { ...layer, calls: [call] };
  });
  const last = linked.at(-1) ?? first;
  return {
    name: config.text('name', 'sequential'),
    className: 'Sequential',
    layers: linked,
    inputs: [ref(linked[0] ?? first)],
    outputs: [ref(last)],
  };
}

/**
 * Before an InputLayer was written, the first layer carried the shape. tf.keras wrote the shape of the first data that
 * it saw, where no layer was told one; a nested Sequential may carry none.
 */
function implicitInput(first: LayerConfig, built: unknown): LayerConfig {
  const shape =
    first.config.values['batch_input_shape'] ??
    first.inner?.layers[0]?.config.values['batch_input_shape'] ??
    built ??
    undefined;
  const name = `${first.name}_input`;
  return {
    className: 'InputLayer',
    name,
    config: new ConfigReader(
      shape === undefined ? {} : { batch_input_shape: shape },
      `input of layer "${first.name}"`,
    ),
    calls: [],
  };
}

export function readLayer(value: unknown, depth: number): LayerConfig {
  const written = withPlainConfig(isObject(value) ? value : {});
  const { layer, unwrapped } = unwrap(asKeras2(asOperationCall(withoutKnownLambda(written))));
  const outer = new ConfigReader(
    unwrapped === undefined ? layer : asKeras2(withPlainConfig(layer)),
    'a layer of the model config',
  );
  const className = layerClass(outer);
  // The config of a nested Sequential of Keras 2.2.2 is a list; its name then stands outside.
  const config = outer.values['config'];
  const values: JsonObject = isObject(config) ? config : {};
  const name = [outer.values['name'], values['name']].find((candidate) => typeof candidate === 'string');
  if (typeof name !== 'string') throw new AppError('config_malformed', `a ${className} layer has no name`);
  if (name.length > MAX_NAME || className.length > MAX_NAME) {
    throw new AppError(
      'config_malformed',
      `a layer's name or class is longer than ${MAX_NAME} characters: ${name.slice(0, 40)}…`,
    );
  }
  return {
    className,
    name,
    config: new ConfigReader(values, `layer "${name}" (${className})`),
    calls: readCalls(outer, name),
    ...(isModelClass(className) ? { inner: readArchitecture(outer.values, depth + 1) } : {}),
    ...wrappedModel(values['layer'], depth),
    ...(unwrapped === undefined ? {} : { unwrapped }),
  };
}

function wrappedModel(written: unknown, depth: number): Pick<LayerConfig, 'wrappedModel'> {
  const className = isObject(written) ? written['class_name'] : undefined;
  return typeof className === 'string' && isModelClass(className)
    ? { wrappedModel: readLayer(written, depth + 1) }
    : {};
}

/** Operations are told from layers of the same name: by Keras 3's module, by tf.keras's wrapping layer. */
function layerClass(outer: ConfigReader): string {
  const className = outer.text('class_name');
  const module = outer.values['module'];
  if (typeof module === 'string' && /\.ops(\.|$)/.test(module)) return `ops.${className}`;
  const config = outer.values['config'];
  const wrapped = isObject(config) ? (config['function'] ?? config['name']) : undefined;
  if (className === 'TFOpLambda' && typeof wrapped === 'string') return `ops.${wrapped}`;
  if (className === 'SlicingOpLambda') return 'ops.__operators__.getitem';
  if (module === undefined && isOperation(outer.values)) return `ops.${className}`;
  return qualifiedClass(outer.values, className);
}

/** Keras 3 writes no module into a `.h5` (and cannot read its operations back); but every layer says whether it trains. */
function isOperation({ class_name: className, config, inbound_nodes: calls }: JsonObject): boolean {
  const keras3 = Array.isArray(calls) && isObject(calls[0]);
  if (!keras3 || !isObject(config) || config['trainable'] !== undefined) return false;
  return config['dtype'] === undefined || className === 'Cast';
}

function readLayers(config: ConfigReader, depth: number): readonly LayerConfig[] {
  const layers = layerList(config).map((layer) => readLayer(layer, depth));
  const names = new Set<string>();
  let count = 0;
  for (const { name, inner } of layers) {
    // Everyone finds a layer by its name: of two, one would take the place of the other.
    if (names.has(name)) throw new AppError('config_malformed', `two layers of a model are called "${name}"`);
    names.add(name);
    count += inner === undefined ? 1 : countLayers(inner);
  }
  if (count > MAX_LAYERS) throw tooMany(count);
  return layers;
}

const countLayers = ({ layers }: Architecture): number =>
  layers.reduce((sum, { inner }) => sum + (inner === undefined ? 1 : countLayers(inner)), 0);

const tooMany = (count: number): AppError =>
  new AppError('config_malformed', `the model has ${count} layers, more than ${MAX_LAYERS}`);

function layerList(config: ConfigReader): readonly unknown[] {
  const layers = config.values['layers'];
  if (!Array.isArray(layers)) return config.fail('layers', 'a list of layers', layers);
  if (layers.length > MAX_LAYERS) throw tooMany(layers.length);
  return layers;
}

function objectAt(reader: ConfigReader, key: string): JsonObject {
  const value = reader.values[key];
  return isObject(value) ? value : reader.fail(key, 'an object', value);
}
