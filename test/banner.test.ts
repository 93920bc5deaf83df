import { expect } from 'chai';
import { urlOf } from '../src/banner.js';

describe('The address that a start prints', () => {
  const of = (address: string, family = 'IPv4') => urlOf({ address, family, port: 80 }, 'http');

  it('is one that browsers and curl take', () => {
    expect(of('10.1.2.3')).to.equal('http://10.1.2.3:80');
    expect(of('fd00::1', 'IPv6')).to.equal('http://[fd00::1]:80');
    expect(urlOf({ address: '::1', family: 'IPv6', port: 8443 }, 'https')).to.equal('https://[::1]:8443');
  });

  it('is localhost where the service listens everywhere', () => {
    for (const everywhere of ['0.0.0.0', '::', '127.0.0.1'])
      expect(of(everywhere)).to.equal('http://localhost:80');
  });
});
