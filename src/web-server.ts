// The listener: HTTP, or HTTPS where a certificate is set; its limits on slow clients; new certificates as they come.
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import {
  createServer as createHttpsServer,
  type Server as HttpsServer,
  type ServerOptions,
} from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Express } from 'express';
import type { Config } from './config/schema.js';
import { watchFiles } from './config/watch-files.js';
import type { Logger } from './contracts/logger.js';
import { AppError, toAppError } from './errors/app-error.js';
import type { ExpressMessages } from './http/express-messages.js';

export interface WebServerOptions {
  readonly app: Express;
  readonly messages: ExpressMessages;
  readonly config: Config;
  readonly logger: Logger;
}

/** Node looks only so often for clients that are too slow. */
const CHECK_MS = 500;
/** A backstop: the upload's own timeout comes first, and answers 408. */
const GRACE_MS = 20_000;

export function createWebServer({ app, messages, config, logger }: WebServerOptions): Server {
  const options = {
    ...messages,
    headersTimeout: config.HEADER_TIMEOUT_MS,
    requestTimeout: Math.max(config.UPLOAD_TIMEOUT_MS, config.HEADER_TIMEOUT_MS) + GRACE_MS,
    keepAliveTimeout: config.IDLE_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_MS,
  };
  const { TLS_CERT: cert, TLS_KEY: key } = config;
  const server =
    cert === undefined || key === undefined
      ? createHttpServer(options, app)
      : secureServer({ cert, key }, { ...options, handshakeTimeout: config.HEADER_TIMEOUT_MS }, app, logger);
  server.maxConnections = config.MAX_CONNECTIONS;
  // A client that does not read its answer: nothing has moved for longer than a request may take.
  server.timeout = options.requestTimeout + config.REQUEST_TIMEOUT_MS;
  return server;
}

interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

function secureServer(files: TlsFiles, options: ServerOptions, app: Express, logger: Logger): HttpsServer {
  const server = createHttpsServer({ ...options, ...readContext(files) }, app);
  const stop = watchFiles([files.cert, files.key], () => {
    try {
      server.setSecureContext(readContext(files));
      logger.info('The TLS certificate was read again');
    } catch (error) {
      // Certificate and key are replaced one after the other: the second brings us here again.
      logger.error(`The TLS certificate stays as it was: ${toAppError(error).detail}`);
    }
  });
  server.once('close', stop);
  return server;
}

function readContext({ cert, key }: TlsFiles): SecureContextOptions {
  const context: SecureContextOptions = {
    cert: read('TLS_CERT', cert),
    key: read('TLS_KEY', key),
    minVersion: 'TLSv1.2',
  };
  try {
    createSecureContext(context);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('config_invalid', `TLS_CERT and TLS_KEY: ${reason}`, { cause });
  }
  return context;
}

function read(setting: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new AppError('config_invalid', `${setting}: ${file} cannot be read`, { cause });
  }
}
