// A folder of small models under the names that endpoints ask for, beside the digits model; made by the test.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { legacyH5 } from './keras-files.js';

const SIDE = 8;

export const CIFAR_LABELS = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;

/** ImageNet has 1,000 classes, two of them cranes. */
export const IMAGENET_LABELS: readonly string[] = Array.from({ length: 1000 }, (_, at) =>
  at === 134 || at === 517 ? 'crane' : `class ${at}`,
);

export const PRODUCT_LABELS: readonly string[] = [
  'electronics',
  'clothing',
  'furniture',
  ...Array.from({ length: 9 }, (_, at) => `category ${at + 4}`),
];

const MODELS = { cifar10: CIFAR_LABELS, imagenet: IMAGENET_LABELS, products: PRODUCT_LABELS } as const;

export type SmallModel = keyof typeof MODELS;

export interface ModelsFolder {
  readonly folder: string;
  remove(): Promise<void>;
}

export async function smallModels(names: readonly SmallModel[]): Promise<ModelsFolder> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-small-'));
  await cp('saved_models/digits', path.join(folder, 'digits'), { recursive: true });
  for (const name of names) await writeModel(path.join(folder, name, 'v1'), MODELS[name]);
  return { folder, remove: () => rm(folder, { recursive: true }) };
}

async function writeModel(folder: string, labels: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'labels.txt'), labels.join('\n'));
  await writeFile(path.join(folder, 'manifest.json'), JSON.stringify({ input: { scale: '0..1' } }));
  const checkpoint = await legacyH5({
    config: {
      class_name: 'Sequential',
      config: {
        name: 'small',
        layers: [
          { class_name: 'InputLayer', config: { name: 'image', batch_shape: [null, SIDE, SIDE, 3] } },
          { class_name: 'Flatten', config: { name: 'flatten' } },
          { class_name: 'Dense', config: { name: 'dense', units: labels.length, activation: 'softmax' } },
        ],
      },
    },
    weights: {
      dense: [
        { name: 'dense/kernel:0', shape: [SIDE * SIDE * 3, labels.length] },
        { name: 'dense/bias:0', shape: [labels.length] },
      ],
    },
  });
  await writeFile(path.join(folder, 'model.h5'), checkpoint);
}
