// Requests that wait for a worker, in order of arrival, interactive ones before batch work.
import { PRIORITIES, type Priority } from '../contracts/classifier.js';
import type { Ticket } from './ticket.js';

/** One image of a request. */
export interface Taken {
  readonly ticket: Ticket;
  readonly at: number;
}

/** While both wait, every fourth batch begins with batch work: it goes on slowly, and never stands still. */
const BATCH_TURN = 4;

export class RequestQueue {
  /** Sets, so that a request that gives up leaves from anywhere at no cost. */
  readonly #lanes: Readonly<Record<Priority, Set<Ticket>>> = { interactive: new Set(), batch: new Set() };
  readonly #images: Record<Priority, number> = { interactive: 0, batch: 0 };
  #turn = 0;

  /** Images. */
  get size(): number {
    return this.#images.interactive + this.#images.batch;
  }

  waiting(priority: Priority): number {
    return this.#images[priority];
  }

  add(ticket: Ticket): void {
    this.#lanes[ticket.priority].add(ticket);
    this.#images[ticket.priority] += ticket.waiting;
  }

  drop(ticket: Ticket): void {
    if (this.#lanes[ticket.priority].delete(ticket)) this.#images[ticket.priority] -= ticket.waiting;
  }

  /** The request that the next batch begins with. */
  first(): Ticket | undefined {
    for (const ticket of this.#inOrder()) return ticket;
    return undefined;
  }

  /** Up to `size` images of one kind; fewer where `fits` says that one more would make one of them late. */
  take(size: number, fits: (images: number, earliestDeadline: number) => boolean): readonly Taken[] {
    const batch: Taken[] = [];
    let earliest = Infinity;
    const first = this.first();
    for (const ticket of this.#inOrder()) {
      if (ticket.floats !== first?.floats) break;
      earliest = Math.min(earliest, ticket.deadline);
      while (ticket.waiting > 0 && batch.length < size) {
        // One image goes in any case: who is too late for that has left before.
        if (batch.length > 0 && !fits(batch.length + 1, earliest)) break;
        batch.push({ ticket, at: ticket.taken });
        ticket.taken += 1;
        this.#images[ticket.priority] -= 1;
      }
      if (ticket.waiting > 0) break;
      this.#lanes[ticket.priority].delete(ticket);
    }
    this.#turn = (this.#turn + 1) % BATCH_TURN;
    return batch;
  }

  *#inOrder(): Generator<Ticket> {
    const order = this.#turn === BATCH_TURN - 1 ? PRIORITIES.toReversed() : PRIORITIES;
    for (const priority of order) yield* this.#lanes[priority];
  }
}
