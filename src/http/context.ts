// What is known about a request from its first line to its last.
import type { ErrorCode } from '../errors/catalogue.js';
import { requestSlot } from './request-slot.js';

/** The state of the process that requests depend on. */
export interface Lifecycle {
  /** Date.now() at boot. */
  readonly startedAt: number;
  /** True once the process has been told to stop: it is not ready any more. */
  leaving(): boolean;
  /** True once no new connections are taken: every answer closes its own. */
  closing(): boolean;
  /** True once new predictions are refused. */
  draining(): boolean;
}

export interface RequestContext {
  readonly id: string;
  /** performance.now() when the request's head had been read. */
  readonly arrival: number;
  readonly lifecycle: Lifecycle;
  /** The operation that serves it, once a route has been found. */
  operation?: { readonly id: string; readonly predicts?: boolean };
  /** performance.now() when the answer was handed to the socket. */
  answered?: number;
  /** The pattern of what answers, where Express knows none. */
  route?: string;
  /** Who calls, where keys or tokens tell. */
  caller?: string;
  /** What the answer refused the request with. */
  refusal?: ErrorCode;
  /** How many pictures of the request failed, where it may bring several. */
  failedPictures?: number;
}

export const contextSlot = requestSlot<RequestContext>('requestContext');

export const contextOf = contextSlot.get;
