// supertest types a body as any; what came over the wire is unknown until a schema has seen it.
import type { Response } from 'supertest';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export const replyOf = async (call: PromiseLike<Response>): Promise<Reply> => call;
