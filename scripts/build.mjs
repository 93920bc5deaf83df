// Compiles TypeScript when a source is newer than the last build, so that a second start skips the compiler.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const projects = {
  main: { config: 'tsconfig.json', sources: ['src', 'workers', 'tsconfig.json', 'package-lock.json'] },
  test: {
    config: 'test/tsconfig.json',
    sources: ['src', 'workers', 'test', 'bench', 'tsconfig.json', 'package-lock.json'],
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
  // The tests' project refers to the main one, which is built with it.
  for (const done of name === 'test' ? ['main', 'test'] : ['main']) writeFileSync(stampOf(done), '');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  ensureBuilt(process.argv.includes('--tests') ? 'test' : 'main');
}
