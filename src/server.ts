// The process: listens, says what to try, and on SIGTERM leaves without losing a request.
import type { Server } from 'node:http';
import { Server as NetServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Acceptors } from './acceptors.js';
import { banner } from './banner.js';
import type { Config } from './config/schema.js';
import { AppError, describeError, toAppError } from './errors/app-error.js';
import { createService, type Service } from './start.js';
import { createWebServer } from './web-server.js';

/** The first answers then take 15 ms in place of 50, those behind them 1 in place of 2. Three times as long gains a third more. */
const WARM_PATH_MS = 100;

/** Resolves with the exit code. */
export async function runServer(config: Config): Promise<number> {
  const service = createService(config);
  let hangUp: () => void = () => undefined;
  try {
    const server = createWebServer(service);
    const acceptors = new Acceptors({ server, backlog: BACKLOG, duplicate: service.duplicate });
    hangUp = () => {
      server.close();
      void acceptors.close();
      server.closeAllConnections();
    };
    const address = await listen(server, config);
    const stopped = onSignals(() => leave(service, server, acceptors));
    // A signal ends a start that is still loading.
    const loaded = service.loadModels({ warmPathMs: WARM_PATH_MS }).then(() => 'loaded' as const);
    if ((await Promise.race([loaded, stopped])) === 'loaded') console.log(banner(address, service));
    return await stopped;
  } catch (error) {
    hangUp();
    await service.close();
    throw error;
  }
}

/** New connections that wait until they are taken in. Beyond Node's 511 a client tries again after one, three, seven seconds. */
const BACKLOG = 4096;

function listen(server: Server, { PORT, HOST }: Config): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const where = `${HOST}:${PORT}`;
      reject(
        cause.code === 'EADDRINUSE'
          ? new AppError('port_in_use', `another program listens on ${where}`, { cause })
          : new AppError('listen_failed', `${where}: ${cause.message}`, { cause }),
      );
    });
    server.listen({ port: PORT, host: HOST, backlog: BACKLOG }, () =>
      resolve(server.address() as AddressInfo),
    );
  });
}

/** `timeout` and shells signal a program and its whole group: a signal that follows so soon is the same wish. */
const SAME_WISH_MS = 500;

/** Runs `stop` at the first SIGTERM or SIGINT; a later one exits at once. */
function onSignals(stop: () => Promise<void>): Promise<number> {
  return new Promise((resolve) => {
    let asked: number | undefined;
    const handle = (signal: NodeJS.Signals) => {
      if (asked !== undefined) {
        if (performance.now() - asked > SAME_WISH_MS) process.exit(signal === 'SIGINT' ? 130 : 143);
        return;
      }
      asked = performance.now();
      stop().then(
        () => resolve(0),
        (error: unknown) => {
          console.error(describeError(toAppError(error)));
          resolve(1);
        },
      );
    };
    process.on('SIGTERM', handle);
    process.on('SIGINT', handle);
  });
}

/** How long a connection that has just been made, or is between two requests, may still bring one. */
const CLOSING_MS = 250;

async function leave(service: Service, server: Server, acceptors: Acceptors): Promise<void> {
  const { config, logger, lifecycle } = service;
  logger.info('Shutting down: not ready any more', { delay_ms: config.DRAIN_DELAY_MS });
  lifecycle.phase = 'leaving';
  await sleep(config.DRAIN_DELAY_MS);

  lifecycle.phase = 'closing';
  const closed = Promise.all([stopListening(server), acceptors.close()]);
  await Promise.race([closed, sleep(CLOSING_MS)]);

  lifecycle.phase = 'draining';
  let outcome = 'Shut down: every accepted request was answered';
  const patience = setTimeout(() => {
    outcome = 'Shut down';
    logger.warn('Requests were still running at the end of DRAIN_TIMEOUT_MS; their connections are closed');
    server.closeAllConnections();
  }, config.DRAIN_TIMEOUT_MS);
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await closed;
  clearInterval(sweep);
  clearTimeout(patience);
  logger.info(outcome);
  await service.close();
}

/**
 * http.Server.close() also ends idle connections, and counts one among them whose first request has not been read
 * yet: under load it cuts requests off. The close of the class below it takes no new connections, and no more.
 */
function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => NetServer.prototype.close.call(server, () => resolve()));
}
