// The order in which the calls of a model's layers can run: each after the calls whose outputs it uses.
import { AppError } from '../../errors/app-error.js';
import type { Architecture, LayerCallConfig, LayerConfig, TensorRef } from './architecture.js';

export interface PlannedCall {
  readonly layer: LayerConfig;
  readonly at: number;
  readonly call: LayerCallConfig;
  /** As in `call`, with call numbers that count from 0. */
  readonly inputs: readonly TensorRef[];
}

export interface Plan {
  readonly calls: readonly PlannedCall[];
  readonly outputs: readonly TensorRef[];
}

export function planCalls(architecture: Architecture): Plan {
  const fromZero = callNumbers(
    architecture,
    architecture.layers.flatMap((layer) => layer.calls.flatMap((call) => call.inputs)),
  );
  const outputFromZero = callNumbers(architecture, architecture.outputs);
  const calls = architecture.layers.flatMap((layer) =>
    layer.calls.map((call, at): PlannedCall => ({ layer, at, call, inputs: call.inputs.map(fromZero) })),
  );
  return { calls: inOrder(calls), outputs: architecture.outputs.map(outputFromZero) };
}

function inOrder(calls: readonly PlannedCall[]): readonly PlannedCall[] {
  const name = (layer: string, at: number): string => JSON.stringify([layer, at]);
  const users = new Map<string, PlannedCall[]>();
  const waiting = new Map<PlannedCall, number>();
  const known = new Set(calls.map((planned) => name(planned.layer.name, planned.at)));
  for (const planned of calls) {
    const needs = new Set(
      planned.inputs.map((ref) => name(ref.layer, ref.call)).filter((need) => known.has(need)),
    );
    waiting.set(planned, needs.size);
    for (const need of needs) {
      const list = users.get(need);
      if (list === undefined) users.set(need, [planned]);
      else list.push(planned);
    }
  }

  // Kahn's algorithm; the array grows while it is walked.
  const order = calls.filter((planned) => waiting.get(planned) === 0);
  for (const planned of order) {
    for (const user of users.get(name(planned.layer.name, planned.at)) ?? []) {
      const left = (waiting.get(user) ?? 0) - 1;
      waiting.set(user, left);
      if (left === 0) order.push(user);
    }
  }
  if (order.length < calls.length) {
    const stuck = calls
      .filter((planned) => (waiting.get(planned) ?? 0) > 0)
      .map((planned) => planned.layer.name);
    throw new AppError('config_malformed', `layers form a circle: ${stuck.slice(0, 5).join(', ')}`);
  }
  return order;
}

/**
 * A model used as a layer has a call of its own, made when it was created. Keras 2 numbers the calls by others from 1
 * (`kept_nodes = 1 if the layer is Functional`, in get_network_config); Keras 3 does so for outputs only.
 */
function callNumbers(architecture: Architecture, refs: readonly TensorRef[]): (ref: TensorRef) => TensorRef {
  const inner = new Set(
    architecture.layers.filter((layer) => layer.inner !== undefined).map((layer) => layer.name),
  );
  const lowest = new Map<string, number>();
  for (const ref of refs) {
    if (inner.has(ref.layer)) lowest.set(ref.layer, Math.min(lowest.get(ref.layer) ?? 1, ref.call));
  }
  return (ref) => ({ ...ref, call: ref.call - (lowest.get(ref.layer) ?? 0) });
}
