// What a model's predictions were like on its test pictures: by the file that its manifest names, or in the manifest.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { distinctLabels } from '../contracts/distinct-labels.js';
import type { ReferenceShares } from '../contracts/model.js';
import type { Manifest } from './manifest.js';

/** How many bins the confidences from 0 to 1 are counted in. */
export const CONFIDENCE_BINS = 10;

const share = z.number().min(0);

const fileSchema = z.looseObject({
  samples: z.int().positive().optional(),
  classes: z.record(z.string(), z.looseObject({ share })),
  confidence: z.array(share).length(CONFIDENCE_BINS).optional(),
});

export interface FoundReference {
  readonly reference: ReferenceShares | null;
  /** A reference that cannot be used is told of and keeps no model from being served. */
  readonly notices: readonly string[];
}

export async function readReference(
  folder: string,
  { metrics }: Manifest,
  labels: readonly string[],
): Promise<FoundReference> {
  const { per_class: file, class_shares: shares } = metrics;
  try {
    if (file !== undefined)
      return { reference: await fromFile(path.join(folder, file), labels), notices: [] };
    if (shares === undefined) return { reference: null, notices: [] };
    const classes = inLabelOrder(new Map(Object.entries(shares)), labels);
    return { reference: { samples: null, classes, confidence: null }, notices: [] };
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    const place = file === undefined ? 'metrics.class_shares in the manifest' : file;
    return {
      reference: null,
      notices: [
        `Drift is measured against the model's first predictions: ${place} cannot be used (${reason})`,
      ],
    };
  }
}

async function fromFile(file: string, labels: readonly string[]): Promise<ReferenceShares> {
  const { samples, classes, confidence } = fileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const shares = new Map(Object.entries(classes).map(([label, figures]) => [label, figures.share]));
  return {
    samples: samples ?? null,
    classes: inLabelOrder(shares, labels),
    confidence: confidence === undefined ? null : normalised(confidence),
  };
}

function inLabelOrder(shares: ReadonlyMap<string, number>, labels: readonly string[]): readonly number[] {
  const keys = distinctLabels(labels);
  const strange = [...shares.keys()].find((label) => !keys.includes(label));
  if (strange !== undefined) throw new Error(`the model has no class ${JSON.stringify(strange)}`);
  return normalised(keys.map((key) => shares.get(key) ?? 0));
}

function normalised(shares: readonly number[]): readonly number[] {
  const sum = shares.reduce((total, value) => total + value, 0);
  if (!(sum > 0) || !Number.isFinite(sum)) throw new Error('the shares sum to nothing');
  return shares.map((value) => value / sum);
}
