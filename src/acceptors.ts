// libuv takes in one new connection in a turn of the event loop, and among a crowd a turn answers hundreds of requests: of
// 900 clients that came at once half were not taken in for as long as the others asked, and neither was a probe. Each
// further descriptor of the same listening socket takes in one more. As each looks for connections whenever there is
// one (6 us), there are as many as the crowd calls for: none for a client that comes alone.
import type { Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';

/** One for so many connections that are open. */
const CONNECTIONS_EACH = 4;
const MOST = 32;

interface WithHandle {
  /** Of Node's own; nothing public tells the descriptor of a listening socket. */
  readonly _handle?: { readonly fd?: number } | null;
}

export interface AcceptorOptions {
  readonly server: Server;
  readonly backlog: number;
  /** Another descriptor of the same socket; -1 where there can be none, or not yet. */
  readonly duplicate: (descriptor: number) => number;
}

export class Acceptors {
  readonly #listening: NetServer[] = [];
  readonly #most: number;
  /** Open connections that the server took in itself, and those that were handed to it. */
  #own = 0;
  #handed = 0;
  #isHanding = false;
  #closed: (() => void) | undefined;

  /** Before the server takes in anybody. */
  constructor(private readonly options: AcceptorOptions) {
    const { server } = options;
    this.#most = server.maxConnections;
    server.on('connection', this.#count);
  }

  /** How many listen beside the server. */
  get size(): number {
    return this.#listening.length;
  }

  /** Takes in no more; resolves when what was handed over has ended. */
  close(): Promise<void> {
    this.options.server.off('connection', this.#count);
    this.#stopListening();
    return new Promise((resolve) => {
      this.#closed = resolve;
      if (this.#handed === 0) resolve();
    });
  }

  readonly #count = (socket: Socket): void => {
    if (this.#isHanding) return;
    this.#own += 1;
    socket.once('close', () => {
      this.#own -= 1;
      this.#settle();
    });
    this.#settle();
  };

  readonly #hand = (socket: Socket): void => {
    const { server } = this.options;
    if (this.#own + this.#handed >= this.#most) {
      socket.destroy();
      return;
    }
    this.#handed += 1;
    server.maxConnections = this.#most - this.#handed;
    socket.once('close', () => {
      this.#handed -= 1;
      server.maxConnections = this.#most - this.#handed;
      if (this.#handed === 0) this.#closed?.();
      this.#settle();
    });
    this.#isHanding = true;
    server.emit('connection', socket);
    this.#isHanding = false;
    this.#settle();
  };

  #settle(): void {
    if (this.#closed !== undefined) return;
    const wanted = Math.min(MOST, Math.floor((this.#own + this.#handed) / CONNECTIONS_EACH));
    if (wanted === 0) this.#stopListening();
    else if (wanted > this.#listening.length) this.#add();
  }

  #add(): void {
    const { server, backlog, duplicate } = this.options;
    const fd = (server as WithHandle)._handle?.fd ?? -1;
    const copy = fd < 0 ? -1 : duplicate(fd);
    if (copy < 0) return;
    const acceptor = new NetServer({ allowHalfOpen: true, noDelay: true });
    acceptor.on('connection', this.#hand).on('error', () => acceptor.close());
    acceptor.listen({ fd: copy }, backlog);
    this.#listening.push(acceptor);
  }

  #stopListening(): void {
    for (const acceptor of this.#listening.splice(0)) acceptor.close();
  }
}
