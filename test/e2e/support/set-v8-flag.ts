// For node's --import: has V8 trace in the main thread what V8_FLAG says. NODE_OPTIONS does not take such flags.
import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

const flag = process.env['V8_FLAG'];
if (isMainThread && flag !== undefined) setFlagsFromString(flag);
