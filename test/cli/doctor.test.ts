import { expect } from 'chai';
import { startProgram } from '../native/support/run-program.js';
import { removeTemporaryFolders, temporaryFolder } from '../native/support/temporary-folder.js';

const program = new URL('programs/run-command.js', import.meta.url);
const run = (args: string[], environment: Readonly<Record<string, string>> = {}) =>
  startProgram(program, args, environment).ended;

interface Report {
  readonly healthy: boolean;
  readonly findings: readonly { readonly name: string; readonly state: string; readonly remedy?: string }[];
}

describe('h5serve doctor', () => {
  afterEach(removeTemporaryFolders);

  it('prints a table with a verdict and exits with 0 where all that is needed is there', async () => {
    const folder = temporaryFolder();
    const { code, stdout } = await run(['doctor'], { MODELS_DIR: folder, LOG_DIR: 'none' });
    expect(stdout)
      .to.match(/✓ Node\.js +\d+/)
      .and.to.include('Ready to serve');
    expect(code).to.equal(0);
  });

  it('--json prints the findings as data, each that is not ok with its remedy', async () => {
    const { stdout } = await run(['doctor', '--json']);
    const { healthy, findings } = JSON.parse(stdout) as Report;
    expect(healthy).to.equal(true);
    const names = [
      'Node.js',
      'TensorFlow',
      'Python',
      'pip',
      'C++ compiler',
      'make',
      'CPU',
      'Cores',
      'Memory',
      'Allocator',
    ];
    expect(findings.map(({ name }) => name)).to.include.members(names);
    for (const { state, remedy } of findings) if (state !== 'ok') expect(remedy).to.be.a('string');
  });

  it('exits with 1 when something needed is missing, and says what to do', async () => {
    const { code, stdout } = await run(['doctor'], { PORT: 'abc' });
    expect(code).to.equal(1);
    expect(stdout).to.include('✗ Settings').and.to.include('PORT').and.to.include('Not ready to serve');
  });

  it('refuses a flag that it does not know', async () => {
    const { code, stderr } = await run(['doctor', '--jason']);
    expect(code).to.equal(1);
    expect(stderr).to.include('usage').and.to.include('--jason').and.to.include('h5serve doctor --help');
  });
});

describe('h5serve setup', () => {
  it('says that TensorFlow is set up, or as JSON whence', async () => {
    expect((await run(['setup'])).stdout).to.include('TensorFlow is set up');
    const { code, stdout } = await run(['setup', '--json']);
    expect(code).to.equal(0);
    expect(JSON.parse(stdout)).to.include({ source: 'ready' }).and.to.have.keys('source', 'ms', 'cache');
  });

  it('refuses arguments', async () => {
    expect((await run(['setup', 'everything'])).stderr).to.include('everything');
  });
});
