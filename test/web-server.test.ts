// The listener with real sockets: certificates, and clients that are too slow.
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { expect } from 'chai';
import express from 'express';
import { loadConfig } from '../src/config/load.js';
import type { Logger } from '../src/contracts/logger.js';
import { expressMessages } from '../src/http/express-messages.js';
import { createWebServer } from '../src/web-server.js';
import { makeCertificate, needsOpenssl } from './helpers/certificates.js';
import { refused } from './helpers/refused.js';

const lines: string[] = [];
const note = (message: string) => void lines.push(message);
const logger: Logger = { debug: note, info: note, warn: note, error: note };

const app = express().get('/', (_req, res) => void res.end('hello'));

const webServer = (settings: Record<string, string>): Server =>
  createWebServer({ app, messages: expressMessages(app), config: loadConfig(settings), logger });

async function listen(settings: Record<string, string>): Promise<{ server: Server; port: number }> {
  const server = webServer(settings).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

describe('HTTPS', () => {
  let folder: string;
  let server: Server;
  let port: number;

  before(async function () {
    await needsOpenssl(this);
    folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-tls-'));
    await makeCertificate(folder, 'first');
    ({ server, port } = await listen({
      TLS_CERT: path.join(folder, 'cert.pem'),
      TLS_KEY: path.join(folder, 'key.pem'),
    }));
  });
  after(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  async function served(): Promise<string> {
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { CN } = socket.getPeerCertificate().subject;
    socket.destroy();
    return String(CN);
  }

  async function eventually(name: string): Promise<void> {
    for (let tries = 0; (await served()) !== name; tries += 1) {
      if (tries > 150) expect.fail(`still ${await served()}`);
      await sleep(50);
    }
  }

  it('serves the certificate, and a new one without a restart', async () => {
    expect(await served()).to.equal('first');
    await makeCertificate(folder, 'second');
    await eventually('second');
  });

  it('keeps the old one while the new one is broken, and says so', async () => {
    const before = await served();
    const good = await readFile(path.join(folder, 'cert.pem'));
    await writeFile(path.join(folder, 'cert.pem'), 'not a certificate');
    await sleep(2500);
    expect(await served()).to.equal(before);
    expect(lines.some((line) => line.startsWith('The TLS certificate stays as it was'))).to.equal(true);
    await writeFile(path.join(folder, 'cert.pem'), good);
  });

  it('speaks nothing older than TLS 1.2', async () => {
    const old = tls.connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const [error] = (await once(old, 'error')) as [Error];
    expect(error).to.be.instanceOf(Error);
  });

  it('does not start with a key that is not the certificate’s, or not there', async () => {
    const other = await mkdtemp(path.join(folder, 'other-'));
    await makeCertificate(other, 'other');
    const TLS_CERT = path.join(folder, 'cert.pem');
    const start = (TLS_KEY: string) => () => webServer({ TLS_CERT, TLS_KEY });
    await refused(start(path.join(other, 'key.pem')), 'config_invalid');
    expect((await refused(start('/nowhere/key.pem'), 'config_invalid')).detail).to.match(/^TLS_KEY: /);
  });
});

describe('more clients than MAX_CONNECTIONS', () => {
  it('are turned away while the others are served', async () => {
    const { server, port } = await listen({ MAX_CONNECTIONS: '1' });
    const first = net.connect(port, '127.0.0.1');
    await once(first, 'connect');
    const second = net.connect(port, '127.0.0.1').on('error', () => undefined);
    second.resume();
    await once(second, 'close');
    first.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const [answer] = (await once(first, 'data')) as [Buffer];
    expect(answer.toString()).to.include('200');
    first.destroy();
    server.close();
  });
});

describe('slow clients', () => {
  let server: Server;
  let port: number;
  before(async () => ({ server, port } = await listen({ HEADER_TIMEOUT_MS: '300', IDLE_TIMEOUT_MS: '300' })));
  after(() => server.close());

  /** Writes a byte every 50 ms; resolves with what the server said when it closed the connection. */
  async function trickle(text: string): Promise<string> {
    const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
    let said = '';
    socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const closed = once(socket, 'close').then(() => true);
    for (const letter of text) {
      if (await Promise.race([closed, sleep(50, false)])) return said;
      socket.write(letter);
    }
    await closed;
    return said;
  }

  it('that send the head of a request a letter at a time are cut off', async () => {
    const text = `GET / HTTP/1.1\r\nHost: a\r\n${'X-Padding: aaaaaaaa\r\n'.repeat(20)}\r\n`;
    expect(await trickle(text)).to.match(/^HTTP\/1\.1 408 /);
  });

  it('that connect and say nothing are cut off', async () => {
    await trickle('');
  });

  it('that keep a connection without using it are cut off after their answer', async () => {
    const socket = net.connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).to.match(/^HTTP\/1\.1 200 [^]*hello$/);
    socket.resume();
    await once(socket, 'close');
  });
});
