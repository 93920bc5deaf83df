// Programs that print what V8 does in their main thread.
import { fileURLToPath } from 'node:url';

export const v8Trace = (flag: `--trace-${string}`): Readonly<Record<'NODE_OPTIONS' | 'V8_FLAG', string>> => ({
  NODE_OPTIONS: `--import ${fileURLToPath(new URL('set-v8-flag.js', import.meta.url))}`,
  V8_FLAG: flag,
});
