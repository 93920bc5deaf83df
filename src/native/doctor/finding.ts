// One line of the doctor's report.

export interface Finding {
  readonly name: string;
  /** `missing`: h5serve cannot serve without it. `warning`: it can, less well. */
  readonly state: 'ok' | 'warning' | 'missing';
  readonly value: string;
  /** What to do; every finding that is not ok has one. */
  readonly remedy?: string;
}

export const ok = (name: string, value: string): Finding => ({ name, state: 'ok', value });
export const warning = (name: string, value: string, remedy: string): Finding => ({
  name,
  state: 'warning',
  value,
  remedy,
});
export const missing = (name: string, value: string, remedy: string): Finding => ({
  name,
  state: 'missing',
  value,
  remedy,
});

/** Gigabytes of 10^9 bytes, as disks and downloads are measured. */
export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)} GB`;
