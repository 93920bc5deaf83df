import { expect } from 'chai';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../src/config/load.js';
import { readMachine } from '../../src/config/machine.js';
import { userEnvironment } from '../../src/config/user-environment.js';
import { AppError } from '../../src/errors/app-error.js';
import { examine, isHealthy } from '../../src/native/doctor.js';
import {
  examineDecoders,
  examineNode,
  examineTensorFlow,
  examineTools,
} from '../../src/native/doctor/engine.js';
import { missing, ok, warning } from '../../src/native/doctor/finding.js';
import { examineCache, examineFolder } from '../../src/native/doctor/folders.js';
import { renderFindings, renderVerdict } from '../../src/native/doctor/render.js';
import {
  examineAllocator,
  examineCpuCaches,
  examineCores,
  examineCpu,
  examineMemory,
} from '../../src/native/doctor/surroundings.js';
import { satisfies } from '../../src/native/doctor/version-range.js';
import { removeTemporaryFolders, temporaryFolder } from './support/temporary-folder.js';

const RANGE = '^20.19.0 || >=22.12.0';

describe('the doctor', () => {
  afterEach(removeTemporaryFolders);

  it('finds TensorFlow where the tests run, with its version', async () => {
    const finding = await examineTensorFlow();
    expect(finding.state).not.to.equal('missing');
    expect(finding.value).to.match(/^\d+\.\d+\.\d+/);
  });

  it('finds the decoders of all formats that uploads may have', async () => {
    expect(await examineDecoders()).to.deep.include({ name: 'Image decoders', state: 'ok' });
  });

  it('refuses a Node.js outside the engines', () => {
    expect(examineNode(RANGE, '20.20.2').state).to.equal('ok');
    expect(examineNode(RANGE, '18.20.0')).to.deep.include({ state: 'missing', value: '18.20.0' });
  });

  it('names a missing interpreter, and its remedy, only as grave as it is', async () => {
    const user = { ...userEnvironment(), python: '/nowhere/python3' };
    const python = async (needed: boolean) =>
      (await examineTools(user, needed)).find(({ name }) => name === 'Python');
    expect(await python(true)).to.deep.include({ state: 'missing' });
    expect((await python(true))?.remedy).to.include('python');
    expect(await python(false)).to.deep.include({ state: 'warning' });
  });

  it('tells a folder that cannot be written, and the setting that moves it', () => {
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(examineFolder('Log files', path.join(file, 'logs'), 'LOG_DIR')).to.deep.include({
      state: 'missing',
    });
    expect(examineFolder('Log files', path.join(file, 'logs'), 'LOG_DIR').remedy).to.include('LOG_DIR');
    expect(examineFolder('Log files', path.join(path.dirname(file), 'a', 'b'), 'LOG_DIR').state).to.equal(
      'ok',
    );
  });

  it('leaves folders as they are: it looks, and makes nothing', async () => {
    const folder = temporaryFolder();
    const config = loadConfig({
      MODELS_DIR: path.join(folder, 'models'),
      LOG_DIR: path.join(folder, 'logs'),
    });
    await examine({
      nodeRange: RANGE,
      config,
      user: { ...userEnvironment(), cacheDir: path.join(folder, 'cache') },
    });
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('looks for the one model that MODEL_PATH names, in place of the folder of models', async () => {
    const config = loadConfig({ MODEL_PATH: '/nowhere/flowers.h5', LOG_DIR: 'none' });
    const findings = await examine({ nodeRange: RANGE, config });
    expect(findings.find(({ name }) => name === 'Models')).to.include({
      state: 'warning',
      value: '/nowhere/flowers.h5 does not exist',
      remedy: 'Set MODEL_PATH to where the checkpoint is.',
    });
  });

  it('tells how much the cache holds', async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'entry'));
    writeFileSync(path.join(folder, 'entry', 'library'), Buffer.alloc(200_000_000));
    expect((await examineCache(folder, false)).value).to.include('0.2 GB');
  });

  it('reports settings that are not valid among the rest', async () => {
    const fault = new AppError('config_invalid', 'PORT: expected number; found "abc"');
    const findings = await examine({ nodeRange: RANGE, config: fault });
    expect(findings.find(({ name }) => name === 'Settings')).to.deep.include({
      state: 'missing',
      value: fault.detail,
    });
    expect(findings.length).to.be.above(10);
    expect(isHealthy(findings)).to.equal(false);
  });

  it('warns of a CPU without AVX2, of less than one core and of little memory', () => {
    const root = temporaryFolder();
    mkdirSync(path.join(root, 'proc'));
    writeFileSync(path.join(root, 'proc', 'cpuinfo'), 'model name : Old\nflags : sse\n');
    const poor = { ...readMachine({ root, hostMemoryBytes: 5e8 }), cpuQuota: 0.5 };
    expect(examineCpu(poor).state).to.equal(process.arch === 'x64' ? 'warning' : 'ok');
    expect(examineCores(poor).state).to.equal('warning');
    expect(examineMemory(poor).state).to.equal('warning');
    expect(examineCores({ ...poor, cpuQuota: 1.5 })).to.deep.include({ state: 'ok' });
  });

  it('warns where oneDNN cannot learn the sizes of the caches, unless it is corrected', () => {
    const corrected = { hidden: true, correctable: true };
    const lost = { hidden: true, correctable: false };
    expect(examineCpuCaches({ hidden: false, correctable: true }, 'on').state).to.equal('ok');
    expect(examineCpuCaches(corrected, 'on').state).to.equal('ok');
    expect(examineCpuCaches(corrected, 'off').value).to.include('TF_ENABLE_ONEDNN_OPTS');
    expect(examineCpuCaches(lost, 'off')).to.deep.include({ state: 'warning' });
    expect(examineCpuCaches(lost, 'unsound').value).to.include('answers may be wrong');
  });

  it('knows the allocator by what is mapped, else by the C library’s setting', () => {
    const root = temporaryFolder();
    mkdirSync(path.join(root, 'proc', 'self'), { recursive: true });
    const maps = path.join(root, 'proc', 'self', 'maps');
    writeFileSync(maps, '7f00-7f01 r-xp 0 fe:00 1  /usr/lib/x86_64-linux-gnu/libjemalloc.so.2\n');
    expect(examineAllocator(undefined, root).value).to.equal('libjemalloc.so.2');
    writeFileSync(maps, '7f00-7f01 r-xp 0 fe:00 1  /usr/lib/x86_64-linux-gnu/libc.so.6\n');
    expect(examineAllocator('2', root).value).to.include('MALLOC_ARENA_MAX=2');
    expect(examineAllocator(undefined, root).remedy).to.include('MALLOC_ARENA_MAX');
  });
});

describe('the doctor’s report', () => {
  const findings = [
    ok('Node.js', '22.12.0'),
    warning('Models', 'none', 'Make it.'),
    missing('pip', 'no', 'Run it.'),
  ];

  it('puts each remedy under its finding', () => {
    expect(renderFindings(findings)).to.equal(
      [
        '✓ Node.js  22.12.0',
        '! Models   none',
        '           → Make it.',
        '✗ pip      no',
        '           → Run it.',
      ].join('\n'),
    );
  });

  it('ends with a verdict', () => {
    expect(renderVerdict(findings)).to.equal('Not ready to serve: 1 missing, 1 to look at.');
    expect(renderVerdict(findings.slice(0, 2))).to.equal('Ready to serve; 1 to look at.');
    expect(renderVerdict(findings.slice(0, 1))).to.equal('Ready to serve.');
    expect(isHealthy(findings)).to.equal(false);
    expect(isHealthy(findings.slice(0, 2))).to.equal(true);
  });
});

describe('a version range', () => {
  it('holds as npm’s does', () => {
    for (const version of ['20.19.0', '20.20.2', '22.12.0', '24.0.0'])
      expect(satisfies(version, RANGE), version).to.be.true;
    for (const version of ['18.20.0', '20.18.9', '21.9.0', '22.11.1'])
      expect(satisfies(version, RANGE), version).to.be.false;
  });

  it('of another kind is refused and not guessed at', () => {
    expect(() => satisfies('20.0.0', '~20')).to.throw(RangeError, '~20');
  });
});
