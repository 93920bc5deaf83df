// Makes garbage, much of which lives on for a while, and has V8 tell of each collection.
import { setFlagsFromString } from 'node:v8';
import { applyV8Settings } from '../../../src/config/v8-settings.js';

if (process.argv[2] === 'as-served') applyV8Settings();
setFlagsFromString('--trace-gc-nvp');
const kept: object[] = [];
for (let at = 0; at < 3_000_000; at++) kept[at % 200_000] = { at };
