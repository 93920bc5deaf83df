import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
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
  it('give way to the thread that answers', async function () {
    if (process.platform !== 'linux') this.skip();
    const before = await niceThreads();
    const service = await startService({ WORKERS: '2' });
    try {
      expect((await niceThreads()) - before).to.be.at.least(2);
      const main = await readFile(`/proc/self/task/${process.pid}/stat`, 'utf8');
      expect(main.slice(main.lastIndexOf(')') + 2).split(' ')[16]).to.equal('0');
    } finally {
      await service.close();
    }
  });
});
