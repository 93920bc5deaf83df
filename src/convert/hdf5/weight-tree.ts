// The groups of a weights file that Keras 2.13 or later wrote: under each, `vars` holds its variables by number.
import { AppError } from '../../errors/app-error.js';
import type { Hdf5File } from './hdf5-file.js';

export interface WeightTree {
  /** As Keras means it, with slashes. */
  readonly path: string;
  readonly groups: ReadonlyMap<string, WeightTree>;
  /** Paths of the datasets, in the order of their numbers. */
  readonly variables: readonly string[];
  /** Newer files say it: an attribute of `vars`. */
  readonly layerName: string | undefined;
  /** Whether it, or a group below it, has variables. */
  readonly holdsVariables: boolean;
}

const VARIABLES = 'vars';
/** As large as the model itself, and of no use for serving. */
const OF_TRAINING = new Set(['optimizer', 'metrics', '_metrics', 'loss_tracker']);
/** Models in models, wrappers in wrappers: each is two groups deep. */
const MAX_DEPTH = 64;
/** A group that links to itself would never end; the largest models have a few thousand. */
const MAX_GROUPS = 100_000;

interface Draft {
  readonly path: string;
  readonly groups: Map<string, Draft>;
  variables: readonly string[];
  layerName: string | undefined;
}

export function readWeightTree(file: Hdf5File): WeightTree {
  const root = draft('');
  let seen = 0;
  const visit = (path: string, into: Draft, depth: number): void => {
    seen += 1;
    if (depth > MAX_DEPTH || seen > MAX_GROUPS) {
      throw new AppError(
        'checkpoint_unsafe',
        `${file.name}: the groups of the weights go in circles at ${path.slice(0, 80)}`,
      );
    }
    for (const name of file.children(path)) {
      if (OF_TRAINING.has(name)) continue;
      const child = `${path}/${name}`;
      if (name === VARIABLES) {
        into.variables = file
          .children(child)
          .toSorted((a, b) => Number(a) - Number(b))
          .map((number) => `${child}/${number}`);
        into.layerName = file.text(child, 'name');
        continue;
      }
      // Keras 2.13 and 2.14 joined these paths as the system joins those of files: on Windows, by backslashes.
      visit(child, name.split('\\').reduce(descend, into), depth + 1);
    }
  };
  visit('', root, 0);
  return finish(root);
}

const draft = (path: string): Draft => ({ path, groups: new Map(), variables: [], layerName: undefined });

function descend(group: Draft, name: string): Draft {
  const known = group.groups.get(name);
  if (known !== undefined) return known;
  const made = draft(`${group.path}/${name}`);
  group.groups.set(name, made);
  return made;
}

function finish({ path, groups, variables, layerName }: Draft): WeightTree {
  const finished = new Map([...groups].map(([name, group]) => [name, finish(group)] as const));
  const holdsVariables = variables.length > 0 || [...finished.values()].some((group) => group.holdsVariables);
  return { path, groups: finished, variables, layerName, holdsVariables };
}
