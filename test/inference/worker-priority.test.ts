import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { synthesise } from '../../src/convert/fidelity/synthesise.js';
import { startService } from '../helpers/service.js';

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the nice value is field 19. */
async function niceThreads(): Promise<number> {
  const tasks = await readdir('/proc/self/task');
  const stats = await Promise.all(
    tasks.map((task) => readFile(`/proc/self/task/${task}/stat`, 'utf8').catch(() => '')),
  );
  return stats.filter((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]) > 0).length;
}

describe('Worker threads', () => {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  /** How many more threads are nice while the service runs. */
  async function nicer(settings: Readonly<Record<string, string>>): Promise<number> {
    const before = await niceThreads();
    const service = await startService({ WORKERS: '2', ...settings });
    try {
      expect(service.classifier.models()).to.have.length(1);
      const main = await readFile(`/proc/self/task/${process.pid}/stat`, 'utf8');
      expect(main.slice(main.lastIndexOf(')') + 2).split(' ')[16]).to.equal('0');
      return (await niceThreads()) - before;
    } finally {
      await service.close();
    }
  }

  it('that run for long give way to the thread that answers', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-priority-'));
    try {
      const target = path.join(folder, 'model.h5');
      await synthesise({
        source: 'test/fixtures/applications/ResNet50.json.gz',
        target,
        maxParameters: 1e8,
      });
      expect(await nicer({ MODEL_PATH: target, CACHE_DIR: folder })).to.equal(2);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('are its equals where runs are short', async () => {
    expect(await nicer({})).to.equal(0);
  });
});
