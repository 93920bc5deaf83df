// Compiles TypeScript when a source is newer than the last build, so that a second start skips the compiler, and bundles what
// came of it: a start loads its code in half of the time (docs/adr/0001).
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

const projects = {
  main: {
    config: 'tsconfig.json',
    sources: ['src', 'workers', 'scripts/build.mjs', 'tsconfig.json', 'package-lock.json'],
  },
  test: {
    config: 'test/tsconfig.json',
    sources: ['src', 'workers', 'test', 'bench', 'scripts/build.mjs', 'tsconfig.json', 'package-lock.json'],
  },
};

function newest(target) {
  const stats = statSync(target, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  // A folder's own time tells of files removed.
  return Math.max(stats.mtimeMs, ...readdirSync(target).map((entry) => newest(path.join(target, entry))));
}

const stampOf = (name) => path.join(root, 'dist', `.built-${name}`);

/** @param {'main' | 'test'} name */
export function ensureBuilt(name) {
  const { config, sources } = projects[name];
  // A packed copy (Docker) ships dist/ without the sources.
  if (!existsSync(path.join(root, 'tsconfig.json'))) return;
  const built = statSync(stampOf(name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built > Math.max(...sources.map((source) => newest(path.join(root, source))))) return;

  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!existsSync(tsc)) {
    console.error('h5serve: the TypeScript compiler is not installed. Run `npm ci` first.');
    process.exit(1);
  }
  console.error('h5serve: compiling TypeScript …');
  const { status } = spawnSync(process.execPath, [tsc, '-b', path.join(root, config)], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
  bundle();
  // The tests' project refers to the main one, which is built with it.
  for (const done of name === 'test' ? ['main', 'test'] : ['main']) writeFileSync(stampOf(done), '');
}

/** Packages that find files beside themselves, those that a start does not need, and one that is tables of alphabets. */
const UNBUNDLED = [
  '@tensorflow/tfjs-node',
  'iconv-lite',
  'ioredis',
  'piscina',
  'prom-client',
  'sharp',
  'swagger-ui-dist',
];

/** CommonJS packages ask for Node's own modules by `require`. */
const REQUIRE =
  "import { createRequire as forPackages } from 'node:module'; const require = forPackages(import.meta.url);";

/** The command and the threads' code, into dist/bundle. Tests import the modules themselves. */
function bundle() {
  const outdir = path.join(root, 'dist', 'bundle');
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir);
  // One that npm put deeper would be missed at a start only.
  for (const name of UNBUNDLED) require.resolve(name);
  require('esbuild').buildSync({
    alias: { h5wasm: unpackHdf5(outdir) },
    absWorkingDir: path.join(root, 'dist'),
    entryPoints: ['src/cli.js', 'workers/classify.worker.js', 'workers/convert.worker.js'],
    entryNames: '[name]',
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: true,
    external: UNBUNDLED,
    banner: { js: REQUIRE },
  });
}

/** The HDF5 library as h5wasm's code carries it, and how that code reads it. */
const PACKED = /binaryDecode\('.*'\)(?=\}function getBinarySync)/s;
const UNPACK = /function binaryDecode\(.*?return o\}/s;

/**
 * h5wasm carries the HDF5 library as a text of 3.6 MB, which is scanned twice and decoded at each start of a converter. The
 * bundles get a copy that reads it from a file beside them. Returns the copy's place.
 */
function unpackHdf5(outdir) {
  const from = path.join(root, 'node_modules', 'h5wasm', 'dist', 'esm');
  const to = path.join(root, 'dist', 'h5wasm');
  const code = readFileSync(path.join(from, 'hdf5_util.js'), 'utf8');
  const [packed, unpack] = [PACKED.exec(code), UNPACK.exec(code)];
  if (packed === null || unpack === null) throw new Error('h5wasm carries its library in a new way');
  writeFileSync(path.join(outdir, 'hdf5.wasm'), vm.runInNewContext(`${unpack[0]} ${packed[0]}`));
  mkdirSync(to, { recursive: true });
  const read = "require('fs').readFileSync(new URL('hdf5.wasm', import.meta.url))";
  writeFileSync(
    path.join(to, 'hdf5_util.js'),
    code.replace(PACKED, () => read),
  );
  copyFileSync(path.join(from, 'hdf5_hl.js'), path.join(to, 'hdf5_hl.js'));
  return path.join(to, 'hdf5_hl.js');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  ensureBuilt(process.argv.includes('--tests') ? 'test' : 'main');
}
