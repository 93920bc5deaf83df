import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { Acceptors } from '../src/acceptors.js';
import { loadAddon } from '../src/native/addon.js';
import { loadOwnAddon } from '../src/native/own-addon.js';
import { needsOwnAddon } from './helpers/own-addon.js';

const BACKLOG = 200;

describe('A crowd that comes at once', () => {
  let server: Server;
  let acceptors: Acceptors;
  let canDuplicate: boolean;
  const open: net.Socket[] = [];
  beforeEach(async function () {
    needsOwnAddon(this);
    loadAddon();
    server = createServer((_req, res) => res.end('here'));
    server.maxConnections = 100;
    canDuplicate = true;
    const duplicate = (descriptor: number) => (canDuplicate ? loadOwnAddon().duplicate(descriptor) : -1);
    acceptors = new Acceptors({ server, backlog: BACKLOG, duplicate });
    server.listen(0, '127.0.0.1', BACKLOG);
    await once(server, 'listening');
  });
  afterEach(() => {
    for (const socket of open.splice(0)) socket.destroy();
    server.close();
    void acceptors.close();
  });

  const port = (): number => (server.address() as AddressInfo).port;
  /** Resolves with those that were not turned away. */
  async function come(count: number): Promise<readonly net.Socket[]> {
    const sockets = Array.from({ length: count }, () => net.connect(port(), '127.0.0.1'));
    open.push(...sockets);
    for (const socket of sockets) socket.on('error', () => undefined).resume();
    await sleep(300);
    return sockets.filter((socket) => !socket.destroyed && !socket.readableEnded);
  }

  /** How many of 40 connections that came while this thread was busy are taken in by its next turn. */
  async function takenInOneTurn(): Promise<number> {
    const connected = new Int32Array(new SharedArrayBuffer(4));
    const crowd = new Worker(
      `const { workerData: { port, connected } } = require('node:worker_threads');
       const net = require('node:net');
       for (let at = 0; at < 40; at++) net.connect(port, '127.0.0.1', () => { Atomics.add(connected, 0, 1); Atomics.notify(connected, 0); }).on('error', () => {});`,
      { eval: true, workerData: { port: port(), connected } },
    );
    await once(crowd, 'online');
    let taken = 0;
    server.on('connection', () => (taken += 1));
    while (Atomics.load(connected, 0) < 40) Atomics.wait(connected, 0, Atomics.load(connected, 0), 100);
    // From the end of one turn to that of the next.
    await nextTurn();
    const before = taken;
    await nextTurn();
    const inOneTurn = taken - before;
    while (taken < 40) await sleep(5);
    await crowd.terminate();
    return inOneTurn;
  }

  it('is taken in many at a time where many are there already', async () => {
    canDuplicate = false;
    expect(await takenInOneTurn(), 'as Node does it').to.be.at.most(2);
    await sleep(100);
    canDuplicate = true;
    await come(40);
    expect(acceptors.size).to.equal(10);
    expect(await takenInOneTurn()).to.be.at.least(8);
  });

  it('is answered, whoever took it in', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, async () => (await fetch(`http://127.0.0.1:${port()}/`)).text()),
    );
    expect(new Set(answers)).to.deep.equal(new Set(['here']));
  });

  it('needs nobody any more when it has gone', async () => {
    for (const socket of await come(40)) socket.destroy();
    await sleep(100);
    expect(acceptors.size).to.equal(0);
    expect(await come(1)).to.have.length(1);
  });

  it('is bounded as a whole, and may come again', async () => {
    for (let times = 0; times < 2; times++) {
      expect(await come(160)).to.have.length(100);
      for (const socket of open.splice(0)) socket.destroy();
      await sleep(100);
    }
  });

  it('finds nobody once all are closed, which waits for those that are there', async () => {
    const here = await come(40);
    const was = port();
    let ended = false;
    const closed = Promise.all([new Promise((resolve) => server.close(resolve)), acceptors.close()]).then(
      () => (ended = true),
    );
    // Idle ones of its own are ended by the server itself.
    const [error] = (await once(net.connect(was, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).to.equal('ECONNREFUSED');
    expect(ended).to.equal(false);
    for (const socket of here) socket.destroy();
    await closed;
  });
});
