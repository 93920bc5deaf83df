// The models that services are measured with: a folder that we serve, its checkpoint for the others, and a picture.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { synthesise } from '../src/convert/fidelity/synthesise.js';

export interface BenchCase {
  readonly modelsDir: string;
  readonly checkpoint: string;
  /** A file. */
  readonly picture: string;
  readonly scale: string;
  /** Height, width, channels. */
  readonly input: readonly [number, number, number];
}

/** Of the size that digits are kept in, and of the size that people draw them in. */
const digits =
  (side: number) =>
  async (folder: string): Promise<BenchCase> => {
    const picture = path.join(folder, `digit-${side}.png`);
    const drawn = sharp('test/fixtures/digit.png');
    await (side === 28 ? drawn.resize(28, 28).flatten().greyscale() : drawn).png().toFile(picture);
    return {
      modelsDir: 'saved_models',
      checkpoint: 'saved_models/digits/v1/model.h5',
      picture,
      scale: '0..1',
      input: [28, 28, 1],
    };
  };

/** Weights do not change what a network costs: made-up ones will do. */
const application =
  (name: string, scale: string) =>
  async (folder: string): Promise<BenchCase> => {
    const modelsDir = path.join(folder, 'models');
    const version = path.join(modelsDir, name.toLowerCase(), '1');
    const checkpoint = path.join(version, 'model.h5');
    await mkdir(version, { recursive: true });
    const source = `test/fixtures/applications/${name}.json.gz`;
    await synthesise({ source, target: checkpoint, maxParameters: 1e9 });
    await writeFile(path.join(version, 'manifest.json'), JSON.stringify({ input: { scale } }));
    const picture = path.join(folder, 'picture.jpg');
    await photograph(picture);
    return { modelsDir, checkpoint, picture, scale, input: [224, 224, 3] };
  };

/** 640 by 480, as dear to decode as a photograph: noise, blurred, beside smooth surfaces. */
async function photograph(file: string): Promise<void> {
  const [width, height] = [640, 480];
  let seed = 1;
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    seed = (seed * 1664525 + 1013904223) >>> 0;
    return (seed >>> 25) + ((at / (width * 3)) % 128);
  });
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .blur(1.5)
    .jpeg({ quality: 85 })
    .toFile(file);
}

/** Each prepares its files in a folder of its own. */
export const CASES: Readonly<Record<string, (folder: string) => Promise<BenchCase>>> = {
  digits: digits(28),
  'digits-drawn': digits(112),
  resnet50: application('ResNet50', 'caffe'),
  mobilenetv2: application('MobileNetV2', '-1..1'),
};
