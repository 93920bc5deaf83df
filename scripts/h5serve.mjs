#!/usr/bin/env node
// The `h5serve` command: compiles when needed, then hands over to src/cli.ts.
import { ensureBuilt } from './build.mjs';

ensureBuilt('main');
await import('../dist/src/cli.js');
