// The Python clients as users run them, against a live server and in front of a busy one.
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import { needsRequests, python, type Output } from '../helpers/commands.js';
import { one, zero } from '../helpers/pictures.js';
import { startReference, type ReferenceSystem } from '../helpers/reference-system.js';

const CLIENTS = path.resolve('scripts/python/clients');

describe('the Python clients', () => {
  let system: ReferenceSystem;
  before(async function () {
    await needsRequests(this);
    system = await startReference({
      models: [],
      pictures: { 'one.png': await one(), 'zero.png': await zero(), 'notes.png': Buffer.from('no picture') },
    });
    await mkdir(path.join(system.cwd, 'folder', 'below'), { recursive: true });
    for (let at = 0; at < 12; at += 1) {
      const [name, bytes] = at % 2 === 0 ? ['zero', await zero()] : ['one', await one()];
      await writeFile(path.join(system.cwd, 'folder', at < 6 ? '' : 'below', `${name}-${at}.png`), bytes);
    }
    await writeFile(path.join(system.cwd, 'folder', 'readme.txt'), 'not asked about');
  });
  // Where requests is missing nothing was started.
  after(() => (system as ReferenceSystem | undefined)?.close());

  const run = (program: string, args: readonly string[], url = system.server.url): Promise<Output> =>
    python([path.join(CLIENTS, program), '--url', url, ...args], { cwd: system.cwd, url });

  for (const program of ['predict.py', 'batch.py', 'folder.py', 'health_watch.py']) {
    it(`${program} explains itself`, async () => {
      const { code, stdout } = await run(program, ['--help']);
      expect(code).to.equal(0);
      expect(stdout).to.include('--url').and.include('--key');
    });
  }

  it('predict.py prints the most probable classes, or the whole answer', async () => {
    const { stdout } = await run('predict.py', ['one.png', '--top-k', '2']);
    expect(stdout.trimEnd().split('\n')).to.have.length(2);
    expect(stdout).to.match(/^ *\d+\.\d\d% {2}1\n/);
    expect(JSON.parse((await run('predict.py', ['zero.png', '--json'])).stdout)).to.have.property(
      'predicted_digit',
      0,
    );
  });

  it('predict.py ends with 1 and the remedy where it is refused, or nobody answers', async () => {
    const { code, stderr } = await run('predict.py', ['notes.png']);
    expect(code).to.equal(1);
    expect(stderr).to.match(/unsupported_media: .* \(Send JPEG/);
    expect((await run('predict.py', ['one.png', '--retries', '0'], 'http://127.0.0.1:9')).code).to.equal(1);
  });

  it('batch.py classifies any number of pictures, and tells of those that failed', async () => {
    const { stdout } = await run('batch.py', ['one.png', 'zero.png']);
    expect(stdout).to.match(/^one\.png\t1\t[01]\.\d+\nzero\.png\t0\t\d\.\d+\n$/);
    expect((await run('batch.py', ['one.png'])).stdout).to.match(/^one\.png\t1\t/);
    const many = Array.from({ length: 41 }, (_, at) => `copy-${at}.png`);
    for (const name of many) await writeFile(path.join(system.cwd, name), await one());
    expect((await run('batch.py', many)).stdout.match(/\t1\t/g)).to.have.length(41);
    const mixed = await run('batch.py', ['one.png', 'notes.png']);
    expect(mixed.code).to.equal(1);
    expect(mixed.stdout).to.match(/^one\.png\t1\t/);
    expect(mixed.stderr).to.match(/^notes\.png\tunsupported_media/);
  });

  it('folder.py writes a row for each picture of a folder, as CSV or JSON', async () => {
    const { code, stderr } = await run('folder.py', ['folder', '--out', 'results.csv', '--at-once', '4']);
    expect(code, stderr).to.equal(0);
    expect(stderr).to.include('12/12 pictures').and.include('12 classified, 0 failed');
    const [head, ...rows] = (await readFile(path.join(system.cwd, 'results.csv'), 'utf8'))
      .trim()
      .split(/\r?\n/);
    expect(head).to.match(/^file,predicted_class,confidence,/);
    expect(rows).to.have.length(12);
    for (const row of rows) {
      const [file, label] = row.split(',');
      expect(label, row).to.equal(file?.includes('zero') === true ? '0' : '1');
    }
    await run('folder.py', ['folder', '--out', 'results.json', '--quiet']);
    const json = JSON.parse(await readFile(path.join(system.cwd, 'results.json'), 'utf8')) as {
      file: string;
    }[];
    expect(json.map(({ file }) => file)).to.deep.equal(rows.map((row) => row.split(',')[0]));
  });

  it('folder.py takes names that are no text, and prints them as it can', async () => {
    await mkdir(path.join(system.cwd, 'odd'));
    const name = Buffer.from('lat\xe9.png', 'latin1');
    await writeFile(Buffer.concat([Buffer.from(path.join(system.cwd, 'odd', '/')), name]), await one());
    for (const out of [[], ['--out', 'odd.csv']]) {
      const { code, stdout, stderr } = await run('folder.py', ['odd', ...out]);
      expect(code, stderr).to.equal(0);
      const table = out.length === 0 ? stdout : await readFile(path.join(system.cwd, 'odd.csv'), 'utf8');
      expect(table).to.match(/^lat\\udce9\.png,1,/m);
    }
  });

  it('folder.py asks for nothing where its results would have no place', async () => {
    const { code, stderr } = await run('folder.py', ['folder', '--out', 'nowhere/results.csv']);
    expect(code).to.equal(2);
    expect(stderr).to.include('there is no folder for nowhere/results.csv').and.not.include('classified');
  });

  for (const program of ['kserve_client.py', 'tf_serving_client.py']) {
    it(`${program} says what it was told where the service is not what it expects`, async () => {
      const { code, stderr } = await run(
        program,
        ['one.png', '--model', 'digits'],
        `${system.server.url}/wrong`,
      );
      expect(code).to.equal(1);
      expect(stderr).to.include('404: ').and.include('not_found').and.not.include('Traceback');
    });
  }

  it('folder.py refuses a folder without pictures', async () => {
    await mkdir(path.join(system.cwd, 'empty'), { recursive: true });
    const { code, stderr } = await run('folder.py', ['empty']);
    expect(code).to.equal(2);
    expect(stderr).to.include('has no pictures');
  });

  describe('in front of a busy service', () => {
    let front: Server;
    let refusals: number;
    before(async () => {
      front = createServer((req, res) => {
        if (refusals > 0) {
          refusals -= 1;
          req.resume();
          res.writeHead(refusals % 2 === 0 ? 429 : 503, { 'Retry-After': '1' });
          res.end('{"code":"queue_full","detail":"busy"}');
          return;
        }
        const onward = httpRequest(`${system.server.url}${req.url ?? ''}`, {
          method: req.method,
          headers: req.headers,
        });
        req.pipe(onward).once('response', (answer) => {
          res.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(res);
        });
      }).listen(0, '127.0.0.1');
      await once(front, 'listening');
    });
    after(() => front.close());
    const url = (): string => `http://127.0.0.1:${(front.address() as AddressInfo).port}`;

    it('folder.py waits as Retry-After says, and loses nothing', async () => {
      refusals = 5;
      const { code, stderr } = await run('folder.py', ['folder', '--out', 'busy.csv'], url());
      expect(code, stderr).to.equal(0);
      expect(stderr).to.include('12 classified, 0 failed, 5 waits');
    });

    it('predict.py gives up after its retries', async () => {
      refusals = 3;
      const { code, stderr } = await run('predict.py', ['one.png', '--retries', '1'], url());
      expect(code).to.equal(1);
      expect(stderr).to.include('queue_full: busy');
      expect(refusals).to.equal(1);
    });
  });

  it('health_watch.py prints a line for each check, and ends with the health of the last', async () => {
    const { code, stdout } = await run('health_watch.py', ['--count', '2', '--interval', '0.05']);
    expect(code).to.equal(0);
    expect(stdout.trim().split('\n')).to.have.length(2);
    expect(stdout).to.match(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \| healthy \| uptime: \d+s \| digits\/v1 ready$/m,
    );
    const nobody = await run('health_watch.py', ['--count', '1'], 'http://127.0.0.1:9');
    expect(nobody.code).to.equal(1);
    expect(nobody.stdout).to.include('unreachable');
  });
});
