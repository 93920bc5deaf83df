// What the doctor finds about the engine: Node, TensorFlow, the tools that would build it, the image decoders.
import type { UserEnvironment } from '../../config/user-environment.js';
import { proveAddon } from '../prove-addon.js';
import { probeBuildTools } from '../requirements.js';
import { nativeReady } from '../ready.js';
import { tfjsPackage } from '../tfjs-package.js';
import { wheelPin } from '../wheel-pin.js';
import { missing, ok, warning, type Finding } from './finding.js';
import { satisfies } from './version-range.js';

export function examineNode(range: string, version = process.versions.node): Finding {
  return satisfies(version, range)
    ? ok('Node.js', version)
    : missing(
        'Node.js',
        version,
        `Install a version that satisfies ${range}; the current long-term release does.`,
      );
}

/** In a child process: a library that crashes must not take the doctor along. */
export async function examineTensorFlow(): Promise<Finding> {
  const name = 'TensorFlow';
  const tfjs = tfjsPackage();
  const proof = await proveAddon(tfjs.addonFile);
  if (!proof.loads)
    return missing(name, proof.reason.split('\n')[0] ?? 'does not load', 'Run `npx h5serve setup`.');
  const wanted = wheelPin()?.version;
  if (wanted !== undefined && proof.tensorflow !== wanted) {
    return warning(
      name,
      `${proof.tensorflow}; ${wanted} is faster`,
      'Run `npx h5serve setup --force` where Python, pip, a C++ compiler and make are installed.',
    );
  }
  const value = `${proof.tensorflow}, tfjs-node ${tfjs.version}, Node-API ${tfjs.napi}`;
  return nativeReady(tfjs)
    ? ok(name, value)
    : warning(name, `${value}; not stamped`, 'Run `npx h5serve setup`, which makes the next starts faster.');
}

/** Tools are needed only until TensorFlow is there. */
export async function examineTools(user: UserEnvironment, needed: boolean): Promise<Finding[]> {
  const { requirements } = await probeBuildTools(user);
  return requirements.map(({ name, found, remedy }) => {
    if (found !== undefined) return ok(name, found);
    return needed
      ? missing(name, 'not found', remedy)
      : warning(name, 'not found; TensorFlow is set up, so only a new set-up needs it', remedy);
  });
}

/** The formats that uploads may have, by libvips's names for them. */
const formats = { jpeg: 'JPEG', png: 'PNG', webp: 'WebP', gif: 'GIF', heif: 'AVIF', tiff: 'TIFF' } as const;
type Format = keyof typeof formats;

export async function examineDecoders(): Promise<Finding> {
  const name = 'Image decoders';
  const reinstall = 'Run `npm ci --include=optional` on this very platform.';
  try {
    const { default: sharp } = await import('sharp');
    const all = Object.keys(formats) as Format[];
    const named = (chosen: readonly Format[]): string => chosen.map((format) => formats[format]).join(', ');
    const absent = all.filter((format) => !sharp.format[format].input.buffer);
    const versions = `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`;
    return absent.length === 0
      ? ok(name, `${named(all)} (${versions})`)
      : warning(
          name,
          `no ${named(absent)} (${versions})`,
          `${reinstall} A libvips of the system may lack formats.`,
        );
  } catch (error) {
    const reason =
      error instanceof Error ? (error.message.split('\n').find((line) => line !== '') ?? '') : String(error);
    return missing(name, reason, reinstall);
  }
}
