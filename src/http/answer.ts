// Every answer leaves through here, also to a client that is still sending its request.
import type { Request, Response } from 'express';
import { contextOf } from './context.js';
import { announcedBytes } from './upload/bounded-body.js';

export interface Answer {
  readonly status: number;
  /** An object becomes JSON; texts and bytes go as they are. */
  readonly body: object | string | Buffer;
  /** With its charset, where it is another than JSON's. */
  readonly type?: string;
  /** No further request may come on this connection: its stream of bytes cannot be trusted any more. */
  readonly close?: boolean;
}

export const JSON_TYPE = 'application/json; charset=utf-8';
export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export function answer(
  req: Request,
  res: Response,
  { status, body, type = JSON_TYPE, close = false }: Answer,
) {
  const context = contextOf(res);
  const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const unread = hasUnreadBody(req);
  const closing = close || context.lifecycle.closing() || (unread && !isCheapToRead(req));
  res.statusCode = status;
  res.setHeader('Content-Type', type);
  res.setHeader('Content-Length', Buffer.byteLength(payload));
  res.setHeader('Cache-Control', 'no-store');
  if (closing) res.setHeader('Connection', 'close');
  context.answered = performance.now();
  if (closing && unread) endAfterDiscarding(req, res, payload);
  else res.end(payload);
}

const hasUnreadBody = (req: Request): boolean =>
  !req.complete && (req.headers['transfer-encoding'] !== undefined || announcedBytes(req) > 0);

/** Node reads the rest of an untouched body by itself and keeps the connection: right for bodies of a few packets. */
const CHEAP_BYTES = 64 * 1024;

const isCheapToRead = (req: Request): boolean =>
  req.readableFlowing === null &&
  req.headers['transfer-encoding'] === undefined &&
  announcedBytes(req) <= CHEAP_BYTES;

/** How much of a refused body is read, and how long, before its sender is cut off. */
const LINGER = { bytes: 64 * 1024 * 1024, idleMs: 2_000, totalMs: 15_000 } as const;

/**
 * The answer goes out now, the connection closes later. Closing a socket with unread bytes makes the kernel send a
 * reset, upon which the client's kernel may throw away the answer before the client has read it (RFC 9112, 9.6).
 */
function endAfterDiscarding(req: Request, res: Response, payload: string | Buffer): void {
  let discarded = 0;
  const end = (): void => {
    clearTimeout(idle);
    clearTimeout(total);
    req.off('data', onData);
    res.end();
  };
  const onData = (chunk: Buffer): void => {
    discarded += chunk.length;
    if (discarded > LINGER.bytes) end();
    else idle.refresh();
  };
  const idle = setTimeout(end, LINGER.idleMs);
  const total = setTimeout(end, LINGER.totalMs);
  res.write(payload);
  req.once('end', end);
  res.once('close', end);
  req.on('data', onData);
  req.resume();
}
