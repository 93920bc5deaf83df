// Reads a body within limits of size and time, whatever it holds.
import type { Request } from 'express';
import { AppError } from '../../errors/app-error.js';

export interface BodyLimits {
  readonly maxBytes: number;
  /** For the whole body, from the moment that reading begins. */
  readonly timeoutMs: number;
  /** What a larger body is refused with; `announced` where its length is known beforehand. */
  readonly tooLarge: (announced?: number) => AppError;
}

/** The first of reader and limits to end decides; what comes later is dropped. */
export function withinLimits<T>(req: Request, limits: BodyLimits, read: () => Promise<T>): Promise<T> {
  const { maxBytes, timeoutMs, tooLarge } = limits;
  return new Promise((resolve, reject) => {
    const announced = Number(req.headers['content-length'] ?? 0);
    if (announced > maxBytes) throw tooLarge(announced);

    let received = 0;
    const stop = (): void => {
      clearTimeout(timer);
      req.off('data', count);
    };
    const refuse = (error: AppError): void => {
      stop();
      // The reader's last word may still come; whatever it is, the request has been answered.
      req.unpipe();
      reject(error);
    };
    // multer reads on to the end of the body before it reports a fault: this bounds what it reads, and how long.
    const count = (chunk: Buffer): void => {
      received += chunk.length;
      if (received > maxBytes) refuse(tooLarge());
    };
    const timer = setTimeout(() => {
      const detail = `${received} bytes arrived within ${timeoutMs} ms, and not the whole request`;
      refuse(new AppError('upload_timeout', detail));
    }, timeoutMs);
    req.on('data', count);
    read().finally(stop).then(resolve, reject);
  });
}

/** The whole body as it came. Call it within limits. */
export function readWhole(req: Request): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.once('end', () => resolve(Buffer.concat(chunks)));
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
