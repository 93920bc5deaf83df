import { expect } from 'chai';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { userEnvironment } from '../../src/config/user-environment.js';
import { silentProgress } from '../../src/contracts/progress.js';
import { ensureNative } from '../../src/native/setup.js';
import { proveAddon } from '../../src/native/prove-addon.js';
import { nativeReady } from '../../src/native/ready.js';
import { probeBuildTools } from '../../src/native/requirements.js';
import { tfjsPackage, type TfjsPackage } from '../../src/native/tfjs-package.js';
import { refused } from '../helpers/refused.js';
import { fillCache, freshPackage, pinned } from './support/checkout.js';
import { startProgram, type Program } from './support/run-program.js';
import { removeTemporaryFolders, temporaryFolder } from './support/temporary-folder.js';
import { wheelSource } from './support/wheel-source.js';

const program = new URL('support/set-up.js', import.meta.url);

/** A checkout after `npm ci`, with an empty cache. */
function checkout(): { folder: string; tfjs: TfjsPackage; cacheDir: string } {
  const folder = temporaryFolder();
  return { folder, tfjs: freshPackage(folder), cacheDir: path.join(folder, 'cache') };
}

/** No Python, so no wheel either. */
const withoutPython = { ...userEnvironment(), python: '/nowhere/python3' };

async function skipWithoutTools(test: Mocha.Context): Promise<void> {
  const { requirements } = await probeBuildTools(userEnvironment());
  if (requirements.some(({ found }) => found === undefined)) test.skip();
}

describe('native set-up', () => {
  afterEach(removeTemporaryFolders);

  it('takes a fresh checkout’s TensorFlow from the cache; the addon then loads there', async () => {
    const { tfjs, cacheDir } = checkout();
    await fillCache(cacheDir);
    const { source } = await ensureNative({ progress: silentProgress, cacheDir, tfjs });
    expect(source).to.equal('cache');
    expect(await proveAddon(tfjs.addonFile)).to.include({ loads: true });
  });

  it('done once, is found done in milliseconds', async () => {
    const { tfjs, cacheDir } = checkout();
    await fillCache(cacheDir);
    await ensureNative({ progress: silentProgress, cacheDir, tfjs });
    const again = await ensureNative({ progress: silentProgress, cacheDir, tfjs });
    expect(again.source).to.equal('ready');
    expect(again.ms).to.be.below(50);
  });

  it('is done again when the cache went away, or the addon changed', async () => {
    const { tfjs, cacheDir } = checkout();
    await fillCache(cacheDir);
    await ensureNative({ progress: silentProgress, cacheDir, tfjs });
    expect(nativeReady(tfjs)).to.equal(true);
    truncateSync(tfjs.addonFile, 100);
    expect(nativeReady(tfjs)).to.equal(false);
    expect((await ensureNative({ progress: silentProgress, cacheDir, tfjs })).source).to.equal('cache');
    expect(nativeReady(tfjs)).to.equal(true);
    rmSync(cacheDir, { recursive: true });
    expect(nativeReady(tfjs)).to.equal(false);
  });

  it('accepts an addon that someone installed otherwise when it loads, and remembers that it does', async () => {
    const { tfjs, cacheDir } = checkout();
    await fillCache(cacheDir);
    await ensureNative({ progress: silentProgress, cacheDir, tfjs });
    rmSync(path.join(path.dirname(tfjs.addonFile), 'h5serve-stamp.json'));
    const found = await ensureNative({
      progress: silentProgress,
      cacheDir: path.join(cacheDir, 'unused'),
      tfjs,
    });
    expect(found.source).to.equal('ready');
    expect(nativeReady(tfjs)).to.equal(true);
  });

  it('does not accept an addon that does not load', async () => {
    const { tfjs, cacheDir } = checkout();
    await fillCache(cacheDir);
    mkdirSync(path.dirname(tfjs.addonFile), { recursive: true });
    writeFileSync(tfjs.addonFile, 'not a library');
    expect((await ensureNative({ progress: silentProgress, cacheDir, tfjs })).source).to.equal('cache');
  });

  it('trusts no damaged entry; where it cannot be made anew, one message says what is missing', async () => {
    const { tfjs, cacheDir } = checkout();
    const entry = await fillCache(cacheDir);
    truncateSync(path.join(entry, path.relative(tfjs.folder, tfjs.addonFile)), 100);
    const error = await refused(
      ensureNative({ progress: silentProgress, cacheDir, tfjs, user: withoutPython }),
      'native_setup_failed',
    );
    expect(error.detail).to.include('Missing here: Python, pip');
    expect(error.detail).to.include('tfjs-node’s own installer was tried');
    expect(error.remedy).to.include('h5serve setup');
    expect(nativeReady(tfjs)).to.equal(false);
  });

  it('falls back to tfjs-node’s own installer where Python is missing, and leaves its manifest as it was', async () => {
    const { tfjs, cacheDir } = checkout();
    const own = tfjsPackage();
    const installer = path.join(tfjs.folder, 'scripts', 'install.js');
    mkdirSync(path.dirname(installer));
    // Does what that installer does, with the library of this checkout instead of a download.
    writeFileSync(
      installer,
      `const fs = require('node:fs');
      if (process.argv.slice(2).join() !== 'cpu,download') process.exit(1);
      fs.writeFileSync('package.json', '{}');
      fs.mkdirSync('deps');
      fs.symlinkSync(${JSON.stringify(own.libraryFolder)}, 'deps/lib');
      fs.mkdirSync(${JSON.stringify(path.dirname(tfjs.addonFile))}, { recursive: true });
      fs.copyFileSync(${JSON.stringify(own.addonFile)}, ${JSON.stringify(tfjs.addonFile)});`,
    );
    const options = { progress: silentProgress, cacheDir, tfjs, user: withoutPython };
    expect((await ensureNative(options)).source).to.equal('own-installer');
    expect(tfjsPackage(tfjs.folder)).to.deep.equal(tfjs);
    expect((await ensureNative(options)).source).to.equal('ready');
  });

  it('forced where tools are missing, refuses and leaves what works as it is', async () => {
    const { tfjs, cacheDir } = checkout();
    await fillCache(cacheDir);
    await ensureNative({ progress: silentProgress, cacheDir, tfjs });
    const forced = { progress: silentProgress, cacheDir, tfjs, force: true, user: withoutPython };
    expect((await refused(ensureNative(forced), 'native_setup_failed')).detail).to.include('stays as it is');
    expect(nativeReady(tfjs)).to.equal(true);
  });

  it('tells a cache that cannot be made by the system’s own words and the setting that moves it', async () => {
    const { folder, tfjs } = checkout();
    writeFileSync(path.join(folder, 'file'), '');
    const error = await refused(
      ensureNative({ progress: silentProgress, cacheDir: path.join(folder, 'file', 'cache'), tfjs }),
      'native_setup_failed',
    );
    expect(error.remedy).to.include('H5SERVE_CACHE');
  });

  it('refuses a wheel with a wrong SHA-256, exits with 1 and keeps nothing of it', async function () {
    await skipWithoutTools(this);
    const { folder, tfjs, cacheDir } = checkout();
    const { environment } = wheelSource(path.join(folder, 'source'));
    const { code, stderr } = await startProgram(program, [tfjs.folder, cacheDir], environment).ended;
    expect(code).to.equal(1);
    expect(stderr).to.include('native_setup_failed').and.to.include(pinned().sha256);
    expect(readdirSync(cacheDir)).to.deep.equal([]);
    expect(existsSync(tfjs.addonFile)).to.equal(false);
  });

  /** Starts a set-up and waits until it hangs in the middle of its download, with half a file on disk. */
  async function startHanging(): Promise<{ run: Program; tfjs: TfjsPackage; cacheDir: string; pip: number }> {
    const { folder, tfjs, cacheDir } = checkout();
    const python = path.join(folder, 'python3');
    const note = path.join(folder, 'pid');
    const download = `echo half > "$TMPDIR/half.whl"; echo $$ > "${note}"; exec sleep 60`;
    const script = `#!/bin/sh\ncase "$*" in *--version) echo "version 3 (test)";; *) ${download};; esac\n`;
    writeFileSync(python, script, { mode: 0o755 });
    const run = startProgram(program, [tfjs.folder, cacheDir], { PYTHON: python });
    await run.said('Downloading');
    while (!existsSync(note) || readFileSync(note, 'utf8') === '') await delay(20);
    expect(readdirSync(cacheDir).some((name) => name.includes('.partial-'))).to.equal(true);
    return { run, tfjs, cacheDir, pip: Number(readFileSync(note, 'utf8')) };
  }

  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`interrupted by ${signal}, ends its children, keeps nothing and exits with ${exitCode}`, async function () {
      await skipWithoutTools(this);
      const { run, cacheDir, pip } = await startHanging();
      run.child.kill(signal);
      expect((await run.ended).code).to.equal(exitCode);
      expect(readdirSync(cacheDir)).to.deep.equal([]);
      expect(() => process.kill(pip, 0)).to.throw('ESRCH');
    });
  }

  it('killed outright, leaves nothing that the next run trusts or waits for', async function () {
    await skipWithoutTools(this);
    const { run, tfjs, cacheDir, pip } = await startHanging();
    run.child.kill('SIGKILL');
    process.kill(pip, 'SIGKILL');
    await run.ended;
    expect(readdirSync(cacheDir)).to.include('setup.lock').and.to.have.length(2);
    const { environment } = wheelSource(path.join(temporaryFolder(), 'source'));
    const next = await startProgram(program, [tfjs.folder, cacheDir], environment).ended;
    expect(next.stderr).to.include(pinned().sha256).and.not.to.include('Waiting');
    expect(readdirSync(cacheDir)).to.deep.equal([]);
  });

  it('from nothing, twice at once: one builds, the other takes what it built', async function () {
    // Downloads 274 MB and compiles for about half a minute: asked for, not run by default.
    if (process.env['H5SERVE_TEST_FULL_SETUP'] !== '1') this.skip();
    this.timeout(600_000);
    const { folder, tfjs, cacheDir } = checkout();
    const other = freshPackage(path.join(folder, 'other'));
    const [first, second] = [tfjs, other].map(
      ({ folder: place }) => startProgram(program, [place, cacheDir]).ended,
    );
    const ends = await Promise.all([first, second]);
    const sources = ends.map((end) => (JSON.parse(end?.stdout ?? '') as { source: string }).source);
    expect(sources.sort()).to.deep.equal(['built', 'cache']);
    for (const place of [tfjs, other]) expect(await proveAddon(place.addonFile)).to.include({ loads: true });
    expect(readdirSync(cacheDir)).to.have.length(1);
  });
});
