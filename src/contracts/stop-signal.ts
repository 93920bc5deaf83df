// That nobody waits any more for what is being done. An AbortSignal is one. A real one costs a request 5 us of the main
// thread, as it is a whole event target of its own: HTTP makes a lighter one.

export interface StopSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
