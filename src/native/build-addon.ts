// Compiles tfjs-node's addon against the unpacked library, in a folder of its own: node_modules stays as it is.
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { machine } from '../config/machine.js';
import { packageRoot } from '../config/program-files.js';
import { childEnvironment } from '../config/user-environment.js';
import type { Progress } from '../contracts/progress.js';
import { AppError } from '../errors/app-error.js';
import { errorLines, runChild } from './child.js';
import { OWN_ADDON, ownAddonBeside } from './own-addon.js';
import { findNodeFolder } from './requirements.js';
import type { TfjsPackage } from './tfjs-package.js';

/** Compiling them takes some 15 s; a machine with one slow core is given time too. */
const BUILD_TIMEOUT_MS = 15 * 60_000;

export interface BuildOptions {
  readonly tfjs: TfjsPackage;
  /** Holds deps/ already; gets the addon, and our own, where they stand in the package too. */
  readonly entry: string;
  readonly python: string;
  readonly compiler: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export function nodePreGyp(tfjs: TfjsPackage): string {
  const manifest = createRequire(path.join(tfjs.folder, 'package.json')).resolve(
    '@mapbox/node-pre-gyp/package.json',
  );
  return path.join(path.dirname(manifest), 'bin', 'node-pre-gyp');
}

/** npm's own node-gyp; node-pre-gyp looks beside Node only, where Debian's package does not put it. */
function nodeGyp(): string | undefined {
  const beside = path.resolve(process.execPath, '..', '..', 'lib', 'node_modules');
  return [beside, '/usr/share/nodejs', '/usr/lib/node_modules', '/usr/local/lib/node_modules']
    .map((folder) => path.join(folder, 'npm', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js'))
    .find((file) => existsSync(file));
}

export const OWN_SOURCES = path.join(packageRoot, 'src', 'native', 'own');

/** Our own sources are one more target of tfjs-node's build, which finds Node's headers and the library for both. */
async function addOwnAddon(workshop: string): Promise<void> {
  const name = path.basename(OWN_ADDON, '.node');
  cpSync(OWN_SOURCES, path.join(workshop, 'own'), { recursive: true });
  const gyp = path.join(workshop, 'binding.gyp');
  const targets = "'targets' : [";
  const text = await readFile(gyp, 'utf8');
  if (!text.includes(targets))
    throw new AppError(
      'native_setup_failed',
      'binding.gyp of tfjs-node does not list its targets as expected.',
      { remedy: 'Run `npm ci`: it brings the version of tfjs-node that h5serve knows.' },
    );
  const sources = readdirSync(path.join(workshop, 'own')).filter((file) => file.endsWith('.cc'));
  const ours = `
    { 'target_name': '${name}', 'sources': [${sources.map((file) => `'own/${file}'`).join(', ')}],
      'include_dirs': ['<(module_root_dir)/deps/include'], 'library_dirs': ['<(module_root_dir)/deps/lib'],
      'libraries': ['-Wl,-rpath,\\$$ORIGIN/../../deps/lib', '-ltensorflow', '-ltensorflow_framework'] },
    { 'target_name': 'place_${name}', 'type': 'none', 'dependencies': ['${name}'],
      'copies': [{ 'files': ['<(PRODUCT_DIR)/${OWN_ADDON}'], 'destination': '<(module_path)' }] },
    `;
  await writeFile(
    gyp,
    text.replace(targets, () => targets + ours),
  );
}

/** Returns the addon's path inside the entry. */
export async function buildAddon({
  tfjs,
  entry,
  python,
  compiler,
  progress,
  signal,
}: BuildOptions): Promise<string> {
  progress.step('Compiling the addon');
  const workshop = path.join(entry, 'workshop');
  await mkdir(workshop);
  for (const part of ['package.json', 'binding.gyp', 'binding']) {
    cpSync(path.join(tfjs.folder, part), path.join(workshop, part), { recursive: true });
  }
  await symlink(path.join('..', 'deps'), path.join(workshop, 'deps'));
  await addOwnAddon(workshop);

  const nodeFolder = findNodeFolder();
  const gyp = nodeGyp();
  const build = await runChild(
    process.execPath,
    [
      nodePreGyp(tfjs),
      'install',
      '--build-from-source',
      ...(nodeFolder === undefined ? [] : [`--nodedir=${nodeFolder}`]),
    ],
    {
      cwd: workshop,
      signal,
      timeoutMs: BUILD_TIMEOUT_MS,
      env: childEnvironment({
        PYTHON: python,
        CXX: compiler,
        JOBS: String(machine().cores),
        ...(gyp === undefined ? {} : { npm_config_node_gyp: gyp }),
      }),
    },
  );
  const place = path.relative(tfjs.folder, tfjs.addonFile);
  const built = path.join(workshop, place);
  const own = ownAddonBeside(built);
  if (!build.ok || !existsSync(built) || !existsSync(own)) {
    throw new AppError(
      'native_setup_failed',
      `The addon did not compile with ${compiler} (${build.outcome}):\n${errorLines(build.output)}`,
      {
        remedy:
          'Correct what the last lines say, then run `npx h5serve setup` again; `npx h5serve doctor` lists the tools.',
      },
    );
  }
  const addon = path.join(entry, place);
  await mkdir(path.dirname(addon), { recursive: true });
  await rename(built, addon);
  await rename(own, ownAddonBeside(addon));
  await rm(workshop, { recursive: true });
  progress.done();
  return addon;
}
