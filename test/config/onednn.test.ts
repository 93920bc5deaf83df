import { expect } from 'chai';
import { machine, readMachine } from '../../src/config/machine.js';
import { bestPrecision, settleOneDnn, type Caches } from '../../src/config/onednn.js';

const known: Caches = { hidden: false, correctable: false };
const hidden: Caches = { hidden: true, correctable: false };
const corrected: Caches = { hidden: true, correctable: true };

describe('oneDNN', () => {
  const settle = (caches: Caches, set: NodeJS.ProcessEnv = {}): [string, string | undefined] => {
    const environment = { ...set };
    return [settleOneDnn(caches, environment), environment['TF_ENABLE_ONEDNN_OPTS']];
  };

  it('is on where it knows the caches, and where it can be corrected', () => {
    expect(settle(known)).to.deep.equal(['on', '1']);
    expect(settle(corrected)).to.deep.equal(['on', '1']);
  });

  it('is off where it would divide by the caches’ sizes, which are hidden', () => {
    expect(settle(hidden)).to.deep.equal(['off', '0']);
  });

  it('is what the user says it is, and called unsound where it is that', () => {
    expect(settle(known, { TF_ENABLE_ONEDNN_OPTS: '0' })).to.deep.equal(['off', '0']);
    expect(settle(known, { TF_ENABLE_ONEDNN_OPTS: 'False' })).to.deep.equal(['off', 'False']);
    expect(settle(hidden, { TF_ENABLE_ONEDNN_OPTS: '1' })).to.deep.equal(['unsound', '1']);
    expect(settle(corrected, { TF_ENABLE_ONEDNN_OPTS: '1' })).to.deep.equal(['on', '1']);
  });

  it('alone computes in bfloat16', () => {
    const here = { ...machine(), features: { ...readMachine().features, avx512_bf16: true } };
    expect(bestPrecision('on', here)).to.equal('bfloat16');
    expect(bestPrecision('off', here)).to.equal('float32');
    expect(bestPrecision('unsound', here)).to.equal('float32');
  });
});
