#!/usr/bin/env node
// The `h5serve` command: compiles when needed, then hands over to src/cli.ts.
import module from 'node:module';
import { ensureBuilt } from './build.mjs';

// From Node 22.1 on: compiled code is kept between starts.
module.enableCompileCache?.();
ensureBuilt('main');
await import('../dist/src/cli.js');
