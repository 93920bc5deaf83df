// The architectures of Keras Applications, with the outputs that Keras gave.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ReferenceModel } from './reference-model.js';

const FOLDER = 'test/fixtures/applications';

export interface Application extends ReferenceModel {
  readonly name: string;
  readonly parameters: number;
}

export const applicationNames = async (): Promise<readonly string[]> =>
  (await readdir(FOLDER)).map((file) => file.replace('.json.gz', '')).toSorted();

export const readApplication = async (name: string): Promise<Application> =>
  JSON.parse(gunzipSync(await readFile(path.join(FOLDER, `${name}.json.gz`))).toString()) as Application;
