// The service's log: lines for people on the console and in api.log, the same entries as JSON lines in api.jsonl.
import { join } from 'node:path';
import { Writable } from 'node:stream';
import winston from 'winston';
import type { LogFields, Logger } from '../contracts/logger.js';
import { humanLine, jsonLine, type LogEntry } from './log-format.js';
import { RotatingFile } from './rotating-file.js';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Folder of the log files; `none` writes no files. */
  readonly dir: string;
  readonly console?: Writable;
  readonly maxFileBytes?: number;
  readonly maxFiles?: number;
}

type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface ClosableLogger extends Logger {
  /** Resolves when all that was logged is in the files; what comes later goes to the console only. */
  close(): Promise<void>;
}

export function createLogger(options: LoggerOptions): ClosableLogger {
  const { level, dir, console = process.stdout, maxFileBytes = 10 * 1024 * 1024, maxFiles = 5 } = options;
  // A reader that goes away (`h5serve serve | head`) must not take the service with it.
  const ignore = (): void => undefined;
  console.on('error', ignore);

  const onTrouble = (problem: string): void => log('warn', problem);
  const file = (name: string): RotatingFile =>
    new RotatingFile({ path: join(dir, name), maxBytes: maxFileBytes, maxFiles, onTrouble });
  const files = dir === 'none' ? undefined : { human: file('api.log'), json: file('api.jsonl') };

  // One stream for all: winston makes a stream, and a copy of each entry, for each of its transports.
  const everywhere = new Writable({
    objectMode: true,
    write(info: winston.Logform.TransformableInfo, _encoding, done) {
      const entry = toEntry(info);
      const now = new Date();
      const line = `${humanLine(entry, now)}\n`;
      console.write(line);
      files?.human.write(line);
      files?.json.write(`${jsonLine(entry, now)}\n`);
      done();
    },
  });
  const logger = winston.createLogger({ level, format: asItIs });
  logger.pipe(everywhere);

  const log = (severity: LogLevel, message: string, fields: LogFields = {}): void => {
    // As one object: given apart, winston takes `%s` in the message and `message` in the fields for its own.
    if (logger.isLevelEnabled(severity)) logger.log({ level: severity, message, fields });
  };

  return {
    debug: (message, fields) => log('debug', message, fields),
    info: (message, fields) => log('info', message, fields),
    warn: (message, fields) => log('warn', message, fields),
    error: (message, fields) => log('error', message, fields),
    async close() {
      await Promise.all([files?.human.end(), files?.json.end()]);
      console.off('error', ignore);
    },
  };
}

const asItIs = winston.format((info) => info)();

const toEntry = (info: winston.Logform.TransformableInfo): LogEntry => ({
  level: info.level,
  message: String(info.message),
  fields: isFields(info['fields']) ? info['fields'] : {},
});

const isFields = (value: unknown): value is LogFields => typeof value === 'object' && value !== null;
