import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os, { tmpdir } from 'node:os';
import path from 'node:path';
import { countProcessors } from '../../src/config/cgroup.js';
import { machine, readMachine, type MachineOptions } from '../../src/config/machine.js';

const GB = 1_000_000_000;
const UNLIMITED_V1 = '9223372036854771712';

const v2Mount = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw';
const v1Mount = (controller: string, root = '/'): string =>
  `31 23 0:27 ${root} /sys/fs/cgroup/${controller} rw - cgroup cgroup rw,${controller}`;

describe('the machine', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'h5serve-test-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** Writes a tree as Linux shows it, and reads it on a host of 16 cores and 64 GB. */
  function read(files: Readonly<Record<string, string>>, options: MachineOptions = {}) {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(root, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, `${content}\n`);
    }
    return readMachine({ root, affinity: 16, hostCores: 16, hostMemoryBytes: 64 * GB, ...options });
  }

  describe('without limits', () => {
    it('grants all that the host has', () => {
      expect(read({})).to.deep.include({ cores: 16, memoryBytes: 64 * GB, cpuQuota: null });
    });

    it('grants what the scheduler allows, where that is less', () => {
      expect(read({}, { affinity: 3 }).cores).to.equal(3);
    });
  });

  describe('under cgroup version 2', () => {
    const own = { 'proc/self/mountinfo': v2Mount, 'proc/self/cgroup': '0::/pod/box' };

    it('grants what the own group is limited to', () => {
      const granted = read({
        ...own,
        'sys/fs/cgroup/pod/box/cpu.max': '400000 100000',
        'sys/fs/cgroup/pod/box/memory.max': String(2 * GB),
      });
      expect(granted).to.deep.include({ cores: 4, memoryBytes: 2 * GB, cpuQuota: 4 });
      expect(granted.host).to.deep.equal({ cores: 16, memoryBytes: 64 * GB });
    });

    it('grants no more than a parent does', () => {
      const granted = read({
        ...own,
        'sys/fs/cgroup/pod/box/cpu.max': 'max 100000',
        'sys/fs/cgroup/pod/box/memory.max': String(8 * GB),
        'sys/fs/cgroup/pod/cpu.max': '200000 100000',
        'sys/fs/cgroup/pod/memory.max': String(3 * GB),
      });
      expect(granted).to.deep.include({ cores: 2, memoryBytes: 3 * GB });
    });

    it('reads `max` as no limit', () => {
      const granted = read({
        ...own,
        'sys/fs/cgroup/pod/box/cpu.max': 'max 100000',
        'sys/fs/cgroup/pod/box/memory.max': 'max',
      });
      expect(granted).to.deep.include({ cores: 16, memoryBytes: 64 * GB, cpuQuota: null });
    });

    it('rounds a broken quota down, to one core at least', () => {
      const quota = (value: string) => read({ ...own, 'sys/fs/cgroup/pod/box/cpu.max': value });
      expect(quota('250000 100000')).to.deep.include({ cores: 2, cpuQuota: 2.5 });
      expect(quota('50000 100000')).to.deep.include({ cores: 1, cpuQuota: 0.5 });
    });

    it('counts the processors of the cpuset', () => {
      expect(read({ ...own, 'sys/fs/cgroup/pod/box/cpuset.cpus.effective': '0-2,7' }).cores).to.equal(4);
    });

    it('inside a container that sees itself as the root, reads the mount itself', () => {
      const granted = read({
        'proc/self/mountinfo': v2Mount,
        'proc/self/cgroup': '0::/',
        'sys/fs/cgroup/cpu.max': '300000 100000',
      });
      expect(granted.cores).to.equal(3);
    });

    it('inside a container that sees its host’s path, reads the part that is mounted', () => {
      const granted = read({
        'proc/self/mountinfo': v2Mount.replace(' / ', ' /docker/abc '),
        'proc/self/cgroup': '0::/docker/abc',
        'sys/fs/cgroup/memory.max': String(GB),
      });
      expect(granted.memoryBytes).to.equal(GB);
    });

    it('where the own group is not visible, reads what is', () => {
      const granted = read({ ...own, 'sys/fs/cgroup/memory.max': String(GB) });
      expect(granted.memoryBytes).to.equal(GB);
    });
  });

  describe('under cgroup version 1', () => {
    const own = {
      'proc/self/mountinfo': [v1Mount('cpu'), v1Mount('memory'), v1Mount('cpuset')].join('\n'),
      'proc/self/cgroup': '4:memory:/box\n3:cpuset:/box\n1:cpu,cpuacct:/box',
    };

    it('grants what quota, cpuset and memory limit say', () => {
      const files = {
        ...own,
        'sys/fs/cgroup/cpu/box/cpu.cfs_quota_us': '600000',
        'sys/fs/cgroup/cpu/box/cpu.cfs_period_us': '100000',
        'sys/fs/cgroup/cpuset/box/cpuset.cpus': '0-3',
        'sys/fs/cgroup/memory/box/memory.limit_in_bytes': String(GB),
      };
      expect(read(files)).to.deep.include({ cores: 4, memoryBytes: GB, cpuQuota: 6 });
    });

    it('reads -1 and the largest number as no limit', () => {
      const files = {
        ...own,
        'sys/fs/cgroup/cpu/box/cpu.cfs_quota_us': '-1',
        'sys/fs/cgroup/cpu/box/cpu.cfs_period_us': '100000',
        'sys/fs/cgroup/memory/box/memory.limit_in_bytes': UNLIMITED_V1,
      };
      expect(read(files)).to.deep.include({ cores: 16, memoryBytes: 64 * GB, cpuQuota: null });
    });
  });

  it('knows the CPU’s features by the kernel’s flags', () => {
    const { cpuModel, features } = read({
      'proc/cpuinfo':
        'processor : 0\nmodel name\t: Some CPU @ 2 GHz\nflags\t\t: fpu avx2 avx512f avx512_bf16\n',
    });
    expect(cpuModel).to.equal('Some CPU @ 2 GHz');
    expect(features).to.include({
      avx2: true,
      avx512f: true,
      avx512_bf16: true,
      amx_bf16: false,
      avx512_fp16: false,
    });
  });

  it('knows ARM’s features too', () => {
    expect(read({ 'proc/cpuinfo': 'Features\t: fp asimd bf16 i8mm\n' }).features).to.include({
      bf16: true,
      avx2: false,
    });
  });

  describe('of AMD', () => {
    const cpuInfo = 'vendor_id\t: AuthenticAMD\nflags\t: avx2 avx512f avx512_bf16';
    const processor = 'sys/devices/system/cpu/cpu0';

    it('that hides its caches from the kernel is known for it', () => {
      const here = read({ 'proc/cpuinfo': cpuInfo, [`${processor}/topology/core_id`]: '0' });
      expect(here.cachesHidden).to.equal(true);
    });

    it('that shows its caches is known for that, too', () => {
      const here = read({ 'proc/cpuinfo': cpuInfo, [`${processor}/cache/index0/size`]: '48K' });
      expect(here.cachesHidden).to.equal(false);
    });

    it('is not judged where the kernel shows no processors at all', () => {
      expect(read({ 'proc/cpuinfo': cpuInfo }).cachesHidden).to.equal(false);
    });
  });

  it('of others may hide its caches: oneDNN then takes usual sizes', () => {
    const files = { 'proc/cpuinfo': 'vendor_id\t: GenuineIntel', 'sys/devices/system/cpu/cpu0/uevent': '' };
    expect(read(files).cachesHidden).to.equal(false);
  });

  it('that the tests run on grants something, and no more than it has', () => {
    const here = machine();
    expect(here.cores).to.be.within(1, os.cpus().length);
    expect(here.memoryBytes).to.be.within(1, os.totalmem());
  });
});

describe('a list of processors', () => {
  it('is counted, ranges and single ones', () => {
    expect(countProcessors('0')).to.equal(1);
    expect(countProcessors('0-3,7,9-10')).to.equal(7);
  });

  it('that is empty restricts nothing', () => {
    expect(countProcessors('')).to.equal(Infinity);
    expect(countProcessors(undefined)).to.equal(Infinity);
  });
});
