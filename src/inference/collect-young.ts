/** Collects this thread's young garbage, where that can be asked for: with --expose-gc (scripts/h5serve.mjs). */
export function collectYoung(): void {
  globalThis.gc?.({ type: 'minor' });
}
