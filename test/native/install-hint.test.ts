import { expect } from 'chai';
import { installHint, systemIds } from '../../src/native/install-hint.js';

describe('the hint at how to install a tool', () => {
  it('speaks the package manager of the system', () => {
    expect(installHint(['python', 'compiler'], 'ID=debian')).to.equal(
      'Run `apt-get install python3 g++` as root',
    );
    expect(installHint('compiler', 'ID="fedora"')).to.equal('Run `dnf install gcc-c++` as root');
  });

  it('knows a system by the one it is like', () => {
    const linuxMint = 'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n';
    expect(systemIds(linuxMint)).to.deep.equal(['linuxmint', 'ubuntu', 'debian']);
    expect(installHint('make', linuxMint)).to.include('apt-get install make');
  });

  it('says what Debian calls it where the system is unknown', () => {
    expect(installHint('pip', '')).to.equal(
      'Install with your package manager; on Debian: `apt-get install python3-pip`',
    );
  });
});
