// Reads a body within limits of size and time, whatever it holds.
import type { Request } from 'express';
import { AppError } from '../../errors/app-error.js';

export interface BodyLimits {
  readonly maxBytes: number;
  /** For the whole body, from the moment that reading begins. */
  readonly timeoutMs: number;
  /** What a larger body is refused with; `announced` where its length is known beforehand. */
  readonly tooLarge: (announced?: number) => AppError;
  /** Told how many bytes have come so far; what it throws, the body is refused with. */
  readonly received?: (bytes: number) => void;
}

/** The first of reader and limits to end decides; what comes later is dropped. */
export function withinLimits<T>(req: Request, limits: BodyLimits, read: () => Promise<T>): Promise<T> {
  const { maxBytes, timeoutMs, tooLarge } = limits;
  return new Promise((resolve, reject) => {
    const announced = announcedBytes(req);
    if (announced > maxBytes) throw tooLarge(announced);

    let received = 0;
    const stop = (): void => {
      clearTimeout(timer);
      req.off('data', count);
    };
    // What still comes of a refused body is discarded: a reader that went on collecting it would hold it all.
    const refuse = (error: unknown): void => {
      stop();
      req.unpipe();
      req.removeAllListeners('data');
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    // multer reads on to the end of the body before it reports a fault: this bounds what it reads, and how long.
    const count = (chunk: Buffer): void => {
      received += chunk.length;
      try {
        if (received > maxBytes) throw tooLarge();
        limits.received?.(received);
      } catch (error) {
        refuse(error);
      }
    };
    const timer = setTimeout(() => {
      const detail = `${received} bytes arrived within ${timeoutMs} ms, and not the whole request`;
      refuse(new AppError('upload_timeout', detail));
    }, timeoutMs);
    req.on('data', count);
    read().finally(stop).then(resolve, refuse);
  });
}

/** 0 where the body comes without its length. */
export const announcedBytes = (req: Request): number => Number(req.headers['content-length'] ?? 0);

/** The whole body as it came. Call it within limits. */
export function readWhole(req: Request): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const gather = gatherer(announcedBytes(req));
    req.on('data', gather.add);
    req.once('end', () => resolve(gather.whole()));
    const gone = (cause?: Error): void => {
      if (req.complete) return;
      reject(
        new AppError(
          'client_gone',
          'the connection closed during the upload',
          cause === undefined ? {} : { cause },
        ),
      );
    };
    req.once('error', gone);
    req.once('close', gone);
  });
}

/** A compressed body is a bomb until it is proven none, and pictures gain nothing by it. */
export function refuseEncoded(req: Request): void {
  const encoding = req.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return;
  throw new AppError(
    'unsupported_encoding',
    `the Content-Encoding is ${JSON.stringify(encoding.slice(0, 100))}`,
  );
}

/** Of a known length a body is put together as it comes: at once, at its end, that takes 25 ms for 50 MB. */
function gatherer(announced: number): {
  readonly add: (chunk: Buffer) => void;
  readonly whole: () => Buffer;
} {
  if (!(announced > 0)) {
    const chunks: Buffer[] = [];
    return { add: (chunk: Buffer) => void chunks.push(chunk), whole: () => Buffer.concat(chunks) };
  }
  let body: Buffer | undefined;
  let length = 0;
  return {
    add(chunk: Buffer) {
      if (length === 0 && chunk.length === announced) body = chunk;
      // Pages are given by the kernel when they are written to, so that announcing alone takes no memory.
      else chunk.copy((body ??= Buffer.allocUnsafeSlow(announced)), length);
      length += chunk.length;
    },
    whole: () => body?.subarray(0, length) ?? Buffer.alloc(0),
  };
}
