// Writes a whole-model `.h5` as tf.keras 2 does, from an architecture and weights: checkpoints for tests, without Python.
import { writeFile } from 'node:fs/promises';
import h5wasm, { FS } from 'h5wasm';
import type { DeclaredWeight } from '../keras/weights.js';

export interface CheckpointContent {
  /** The model's config as Keras's to_json() gives it. */
  readonly architecture: string;
  readonly kerasVersion: string;
  readonly weights: readonly DeclaredWeight[];
}

let number = 0;

export async function writeCheckpoint(target: string, content: CheckpointContent): Promise<void> {
  await h5wasm.ready;
  if (FS === null) throw new Error('h5wasm is not ready');
  const place = `/synth-${number++}.h5`;
  try {
    writeInto(place, content);
    await writeFile(target, FS.readFile(place));
  } finally {
    if (FS.analyzePath(place, false).exists) FS.unlink(place);
  }
}

function writeInto(place: string, { architecture, kerasVersion, weights }: CheckpointContent): void {
  const file = new h5wasm.File(place, 'w');
  try {
    file.create_attribute('backend', 'tensorflow');
    file.create_attribute('keras_version', kerasVersion);
    file.create_attribute('model_config', architecture);
    const root = file.create_group('model_weights');
    const layers = [...new Set(weights.map((weight) => weight.path[0] ?? ''))];
    root.create_attribute('layer_names', layers);
    root.create_attribute('keras_version', kerasVersion);
    for (const layer of layers) {
      const group = root.create_group(layer);
      const own = weights.filter((weight) => weight.path[0] === layer);
      // layer.weights: what is trained first, then what is not.
      const ordered = [
        ...own.filter(({ trainable }) => trainable),
        ...own.filter(({ trainable }) => !trainable),
      ];
      const names = ordered.map((weight) => `${weight.path.at(-1) ?? layer}/${weight.name}`);
      group.create_attribute('weight_names', names);
      ordered.forEach((weight, at) => {
        const name = names[at] ?? weight.name;
        let parent = group;
        for (const part of name.split('/').slice(0, -1)) {
          const next = parent.get(part);
          parent = next instanceof h5wasm.Group ? next : parent.create_group(part);
        }
        parent.create_dataset({
          name: name.split('/').at(-1) ?? name,
          data: weight.data,
          shape: [...weight.shape],
        });
      });
    }
  } finally {
    file.close();
  }
}
