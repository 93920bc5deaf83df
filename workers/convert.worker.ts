// The converter's thread: reads checkpoints and writes SavedModels, one task after another. Errors go back as data.
import { parentPort } from 'node:worker_threads';
import { isConversionTask, type ConversionReply, type ConversionTask } from '../src/contracts/conversion.js';
import { convertCheckpoint } from '../src/convert/convert.js';
import { inspectCheckpoint } from '../src/convert/inspect.js';
import { AppError, toAppError } from '../src/errors/app-error.js';

async function perform(task: ConversionTask): Promise<ConversionReply> {
  switch (task.kind) {
    case 'convert':
      return { ok: true, kind: 'convert', result: await convertCheckpoint(task.options) };
    case 'inspect':
      return { ok: true, kind: 'inspect', result: await inspectCheckpoint(task.options) };
  }
}

async function answer(message: unknown): Promise<ConversionReply> {
  try {
    if (!isConversionTask(message))
      throw new AppError('internal', 'the converter was asked in an unknown way');
    return await perform(message);
  } catch (error) {
    const { code, detail, remedy, cause } = toAppError(error);
    const from = cause instanceof Error ? cause : undefined;
    const threadIsSpent = code === 'internal' || from?.name === 'RuntimeError';
    return { ok: false, code, detail, remedy, cause: from?.stack ?? from?.message, threadIsSpent };
  }
}

parentPort?.on(
  'message',
  (message: unknown) => void answer(message).then((reply) => parentPort?.postMessage(reply)),
);
