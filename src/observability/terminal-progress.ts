// Progress for people: one redrawn line with a bar on a terminal; elsewhere plain lines, few enough for a log.
import type { Progress } from '../contracts/progress.js';

/** What is needed of process.stderr. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface TerminalProgress extends Progress {
  /** Ends a line left open by a step that failed, so that an error starts on its own. */
  close(): void;
}

export interface TerminalProgressOptions {
  readonly stream?: ProgressStream;
  /** Milliseconds; a test's own clock. */
  readonly now?: () => number;
}

const REDRAW_MS = 80;
const BAR_CELLS = 16;
const PLAIN_STEPS = 4;
const CLEAR_LINE = '\r\u001b[2K';

type Unit = NonNullable<Parameters<Progress['step']>[2]>;

interface Step {
  readonly title: string;
  readonly total: number | undefined;
  readonly unit: Unit | undefined;
  readonly begun: number;
  amount: number;
  drawn: number;
  quarters: number;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);

function formatAmount({ amount, total, unit }: Step): string {
  const of = total === undefined ? '' : `/${unit === 'bytes' ? megabytes(total) : total}`;
  return unit === 'bytes'
    ? `${megabytes(amount)}${of} MB`
    : `${amount}${of}${unit === undefined ? '' : ` ${unit}`}`;
}

function formatRate({ amount, unit }: Step, seconds: number): string {
  if (amount === 0 || seconds <= 0) return '';
  return unit === 'bytes' ? `${megabytes(amount / seconds)} MB/s` : `${(amount / seconds).toFixed(1)}/s`;
}

const share = ({ amount, total }: Step): number | undefined =>
  total === undefined || total <= 0 ? undefined : Math.min(1, amount / total);

function bar(part: number): string {
  const full = Math.round(part * BAR_CELLS);
  return '█'.repeat(full) + '░'.repeat(BAR_CELLS - full);
}

const formatSeconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

export function terminalProgress(options: TerminalProgressOptions = {}): TerminalProgress {
  const stream = options.stream ?? process.stderr;
  const now = options.now ?? (() => performance.now());
  const live = stream.isTTY === true;
  let step: Step | undefined;
  /** True while the cursor stands at the end of a line that will be redrawn. */
  let open = false;

  const write = (text: string): void => {
    try {
      stream.write(text);
    } catch {
      // A closed terminal must not end the work.
    }
  };

  const redraw = (current: Step): void => {
    const part = share(current);
    const figures =
      current.amount === 0
        ? []
        : [formatAmount(current), formatRate(current, (now() - current.begun) / 1000)];
    const line = [
      current.title,
      ...(part === undefined ? [] : [bar(part), `${Math.floor(part * 100)} %`]),
      ...figures,
    ];
    // One column stays free: a line that wraps cannot be redrawn.
    write(
      CLEAR_LINE +
        line
          .filter((word) => word !== '')
          .join('  ')
          .slice(0, (stream.columns ?? 80) - 1),
    );
    current.drawn = now();
    open = true;
  };

  const plainQuarter = (current: Step): void => {
    const quarters = Math.floor((share(current) ?? 0) * PLAIN_STEPS);
    // The last quarter is told by done().
    if (quarters <= current.quarters || quarters >= PLAIN_STEPS) return;
    current.quarters = quarters;
    write(`${current.title}: ${(quarters * 100) / PLAIN_STEPS} % (${formatAmount(current)})\n`);
  };

  const close = (): void => {
    if (open) write('\n');
    open = false;
    step = undefined;
  };

  return {
    step: (title, total, unit) => {
      close();
      step = { title, total, unit, begun: now(), amount: 0, drawn: -Infinity, quarters: 0 };
      if (live) redraw(step);
      else write(`${title} …\n`);
    },
    advance: (amount) => {
      if (step === undefined) return;
      step.amount += amount;
      if (!live) plainQuarter(step);
      else if (now() - step.drawn >= REDRAW_MS) redraw(step);
    },
    done: (summary) => {
      if (step === undefined) return;
      const facts = [summary, step.amount > 0 ? formatAmount({ ...step, total: undefined }) : undefined];
      const text = [...facts.filter((fact) => fact !== undefined), formatSeconds(now() - step.begun)].join(
        ', ',
      );
      write(`${open ? CLEAR_LINE : ''}${step.title}: ${text}\n`);
      open = false;
      step = undefined;
    },
    close,
  };
}
