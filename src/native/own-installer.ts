// The way round where no wheel fits or a tool is missing: tfjs-node's own installer, from its usual host.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { childEnvironment, pathWith } from '../config/user-environment.js';
import type { Progress } from '../contracts/progress.js';
import { errorLines, runChild } from './child.js';
import { proveAddon, type Proof } from './prove-addon.js';
import { ownAddonBeside } from './own-addon.js';
import { nodePreGyp } from './build-addon.js';
import { OWN_INSTALLER, removeStamp, writeStamp } from './stamp.js';
import type { TfjsPackage } from './tfjs-package.js';

const INSTALL_TIMEOUT_MS = 15 * 60_000;

/** Stamps what the installer left, or what a user installed by it, when it loads. */
export async function acceptInstalled(tfjs: TfjsPackage, signal: AbortSignal): Promise<Proof> {
  const own = ownAddonBeside(tfjs.addonFile);
  let proof = await proveAddon(tfjs.addonFile, signal);
  if (!proof.loads && existsSync(own)) {
    // It was compiled for another library.
    rmSync(own);
    proof = await proveAddon(tfjs.addonFile, signal);
  }
  if (proof.loads) {
    // On Windows the library stands beside the addon; there the addon alone is watched.
    const libraries = listFiles(tfjs.libraryFolder);
    try {
      const built = [tfjs.addonFile, own].filter((file) => existsSync(file));
      writeStamp(tfjs, OWN_INSTALLER, proof.tensorflow, [...built, ...libraries]);
    } catch {
      // A package folder that is read-only: the next start proves the addon again, half a second longer.
    }
  }
  return proof;
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}

export async function runOwnInstaller(
  tfjs: TfjsPackage,
  progress: Progress,
  signal: AbortSignal,
): Promise<Proof> {
  progress.step('Running tfjs-node’s own installer');
  removeStamp(tfjs);
  const manifest = path.join(tfjs.folder, 'package.json');
  const before = await readFile(manifest);
  try {
    const installer = await runChild(process.execPath, ['scripts/install.js', 'cpu', 'download'], {
      cwd: tfjs.folder,
      signal,
      timeoutMs: INSTALL_TIMEOUT_MS,
      // It calls node-pre-gyp by name, as npm would let it.
      env: childEnvironment({ PATH: pathWith(path.dirname(nodePreGyp(tfjs))) }),
    });
    const proof = await acceptInstalled(tfjs, signal);
    if (proof.loads) progress.done(`TensorFlow ${proof.tensorflow}`);
    if (proof.loads || installer.ok) return proof;
    return { loads: false, reason: `${errorLines(installer.output)} (${installer.outcome})` };
  } finally {
    // It rewrites its manifest while it runs and leaves it so when it fails.
    await writeFile(manifest, before);
  }
}
