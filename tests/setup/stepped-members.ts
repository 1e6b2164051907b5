// The network between several processes and the servers of a quorum, at a standstill: each request and each answer moves when a test
// says so, and only then. Requests of one process to one server arrive in the order in which they were sent, as over one connection.
import type { LockMember } from "#app/adapters/redis/lock-member.ts";

interface Parcel {
  readonly process: number;
  readonly server: number;
  readonly what: "request" | "answer";
  deliver(): Promise<void>;
}

export class SteppedNetwork {
  readonly #lines = new Map<string, Parcel[]>();
  readonly #afterRequest: (server: number) => Promise<void>;

  /** `afterRequest`: what the server did is told to everybody who listens. */
  constructor(afterRequest: (server: number) => Promise<void>) {
    this.#afterRequest = afterRequest;
  }

  /** The member as `process` sees it through this network. */
  between(process: number, server: number, member: LockMember): LockMember {
    const send = <Value>(call: () => Promise<Value>): Promise<Value> => this.#send(process, server, call);
    return {
      vote: (claim, round) => send(() => member.vote(claim, round)),
      voteFree: (claim) => send(() => member.voteFree(claim)),
      handBack: (claim, round) => send(() => member.handBack(claim, round)),
      renewOrRetake: (claim) => send(() => member.renewOrRetake(claim)),
      letGo: (claim) => send(() => member.letGo(claim)),
      onWake: (owner, listener) => member.onWake(owner, listener),
      list: (shop) => member.list(shop),
      ready: () => member.ready(),
    };
  }

  /** What could move now: of each process and server the oldest request and the oldest answer. */
  movable(): Parcel[] {
    return [...this.#lines.values()].flatMap(([oldest]) => (oldest === undefined ? [] : [oldest]));
  }

  async move(parcel: Parcel): Promise<void> {
    this.#lines.get(lineOf(parcel))?.shift();
    await parcel.deliver();
    await settle();
  }

  /** Moves one process's oldest request to a server, and the answer back. */
  async exchange(process: number, server: number): Promise<void> {
    for (const what of ["request", "answer"] as const) {
      const [parcel] = this.#lines.get(lineOf({ process, server, what })) ?? [];
      if (parcel !== undefined) await this.move(parcel);
    }
  }

  #send<Value>(process: number, server: number, call: () => Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#add({
        process,
        server,
        what: "request",
        deliver: async () => {
          const answer = await call().then(
            (value) => () => resolve(value),
            (error: unknown) => () => reject(error instanceof Error ? error : new Error(String(error))),
          );
          this.#add({ process, server, what: "answer", deliver: async () => answer() });
          await this.#afterRequest(server);
        },
      });
    });
  }

  #add(parcel: Parcel): void {
    const line = this.#lines.get(lineOf(parcel)) ?? [];
    line.push(parcel);
    this.#lines.set(lineOf(parcel), line);
  }
}

function lineOf({ process, server, what }: Pick<Parcel, "process" | "server" | "what">): string {
  return `${process} ${server} ${what}`;
}

/** Lets what an answer leads to be sent before the next parcel moves: setImmediate runs after all microtasks. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
