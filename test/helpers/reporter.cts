// Mocha's spec reporter, with one plain last line that scripts and CI read: "N passed, N failed, N skipped".
import mocha = require('mocha');

const { EVENT_RUN_END } = mocha.Runner.constants;

class PlainSummary extends mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.once(EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      console.log(`${passes} passed, ${failures} failed${pending > 0 ? `, ${pending} skipped` : ''}`);
    });
  }
}

export = PlainSummary;
