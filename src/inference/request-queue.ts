// Requests that wait for a worker, in order of arrival, interactive ones before batch work.
import { PRIORITIES, type Priority } from '../contracts/classifier.js';
import { remove } from './remove.js';
import type { Ticket } from './ticket.js';

/** One image of a request. */
export interface Taken {
  readonly ticket: Ticket;
  readonly at: number;
}

/** While both wait, every fourth batch begins with batch work: it goes on slowly, and never stands still. */
const BATCH_TURN = 4;

export class RequestQueue {
  readonly #lanes: Readonly<Record<Priority, Ticket[]>> = { interactive: [], batch: [] };
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
    this.#lanes[ticket.priority].push(ticket);
    this.#images[ticket.priority] += ticket.waiting;
  }

  drop(ticket: Ticket): void {
    if (remove(this.#lanes[ticket.priority], ticket)) this.#images[ticket.priority] -= ticket.waiting;
  }

  /** The request that the next batch begins with. */
  first(): Ticket | undefined {
    const order = this.#turn === BATCH_TURN - 1 ? PRIORITIES.toReversed() : PRIORITIES;
    for (const priority of order) {
      const [ticket] = this.#lanes[priority];
      if (ticket !== undefined) return ticket;
    }
    return undefined;
  }

  /** Up to `size` images of one kind; fewer where `fits` says that one more would make one of them late. */
  take(size: number, fits: (images: number, earliestDeadline: number) => boolean): readonly Taken[] {
    const batch: Taken[] = [];
    let earliest = Infinity;
    const floats = this.first()?.floats;
    for (let ticket = this.first(); ticket !== undefined; ticket = this.first()) {
      if (ticket.floats !== floats) break;
      earliest = Math.min(earliest, ticket.deadline);
      while (ticket.waiting > 0 && batch.length < size) {
        // One image goes in any case: who is too late for that has left before.
        if (batch.length > 0 && !fits(batch.length + 1, earliest)) break;
        batch.push({ ticket, at: ticket.taken });
        ticket.taken += 1;
        this.#images[ticket.priority] -= 1;
      }
      if (ticket.waiting > 0) break;
      this.#lanes[ticket.priority].shift();
    }
    this.#turn = (this.#turn + 1) % BATCH_TURN;
    return batch;
  }
}
