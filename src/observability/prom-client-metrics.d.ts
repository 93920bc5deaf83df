declare module 'prom-client/lib/metrics/*.js' {
  import type { Registry } from 'prom-client';
  export default function watch(
    register: Registry,
    config: { readonly eventLoopMonitoringPrecision: number },
  ): void;
}
