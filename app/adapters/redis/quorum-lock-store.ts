// The lock store over three or more independent servers: what a majority of them grants is held, whatever the others do.
//
// One order everywhere. A waiter's ticket is greater than every ticket that a majority had seen when it began to wait, and equal tickets
// are ordered by the owner's name, so every member that knows two waiters serves them in the same order. Whoever is granted too little
// gives it back at once and keeps its place; the member then wakes who is first there. Let W be the first of those waiting:
// - nobody who came after W stands before it, because the two majorities share a member that told its ticket;
// - a member that knows W grants W's keys to nobody behind W, so only attempts that met the member before W did can be in W's way. There
//   are finitely many, each is given back within its time limit (or lapses with its lease, if its process died), and each hand-back
//   wakes W. The attempt that follows the last one is granted by every member that knows W, and those are a majority: no livelock.
// - nobody keeps a grant while it waits for another: no deadlock.
import { randomUUID } from "node:crypto";
import { invariant } from "#app/domain/invariant.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { LockListing } from "#app/ports/lock.ts";
import type { LeaseClaim, LockMember, Renewal, Round, Vote } from "./lock-member.ts";
import type { LockClaim, LockStore } from "./lock-store.ts";
import { MemberPoll, type PollResult } from "./member-poll.ts";
import { mergeListings } from "./merge-listings.ts";

interface Waiter {
  roundCount: number;
  ticket: number | null;
}

export class QuorumLockStore implements LockStore {
  readonly #poll: MemberPoll;
  readonly #processId: string;
  readonly #waiters = new Map<string, Waiter>();
  #ownerCount = 0;

  /** `open` makes the members, to all of which this process has the same name. */
  constructor(open: (processId: string) => readonly LockMember[], clock: Clock) {
    this.#processId = randomUUID();
    const members = open(this.#processId);
    invariant(members.length >= 3 && members.length % 2 === 1, "a quorum has an odd number of servers, three or more");
    this.#poll = new MemberPoll(members, clock);
  }

  newOwner(): string {
    return `${this.#processId}/${++this.#ownerCount}`;
  }

  /**
   * One question to all members while nobody is in the way. Otherwise a second one, which queues with the ticket that the first one's
   * answers give; later attempts keep that ticket.
   */
  async attempt({ queue, ...claim }: LeaseClaim & { queue: boolean }) {
    const waiter = this.#waiters.get(claim.owner) ?? { roundCount: 0, ticket: null };
    waiter.roundCount += 1;
    let round: Round = { number: waiter.roundCount, ticket: queue ? waiter.ticket : null };
    let poll = await this.#vote(claim, round);
    if (queue && round.ticket === null && !this.#isGranted(poll) && this.#hasMajority(poll)) {
      waiter.ticket = 1 + Math.max(...poll.answers.map(({ value }) => value.ticketSeen));
      round = { ...round, ticket: waiter.ticket };
      poll = await this.#vote(claim, round);
    }
    if (this.#isGranted(poll)) return { granted: true as const };
    const taken = [...poll.answers.filter(({ value }) => value.granted), ...poll.unheard].map(({ member }) => member);
    this.#poll.tell(taken, (member) => member.handBack(claim, round));
    this.#insistOnMajority(poll);
    // A member by itself cannot hand anything over: whoever is woken asks all of them.
    return { granted: false as const, retryInMs: this.#retryInMs(poll), place: null };
  }

  /** Each resource that a majority grants. When several ask at the same instant it may be none: they come back, as for what is busy. */
  async attemptFree(claim: LeaseClaim): Promise<string[]> {
    const { majority, members } = this.#poll;
    const poll = await this.#poll.ask(
      (member) => member.voteFree(claim),
      (answers) =>
        claim.resources.every((resource) => {
          const granted = countHaving(answers, resource);
          return granted >= majority || answers.length - granted > members.length - majority;
        }),
    );
    const votes = poll.answers.map(({ value }) => value);
    const hasMajority = this.#hasMajority(poll);
    const taken = hasMajority ? claim.resources.filter((resource) => countHaving(votes, resource) >= majority) : [];
    const isSurplus = (resource: string) => !taken.includes(resource);
    for (const { member, value } of poll.answers) this.#giveUp(claim, member, value.filter(isSurplus));
    for (const { member } of poll.unheard) this.#giveUp(claim, member, claim.resources.filter(isSurplus));
    this.#insistOnMajority(poll);
    return taken;
  }

  async renew(claim: LeaseClaim): Promise<string[]> {
    const { majority, members } = this.#poll;
    const isKept = (answers: readonly Renewal[], resource: string) => countRenewed(answers, resource) >= majority;
    const isLost = (answers: readonly Renewal[], resource: string) => answers.length - countRenewed(answers, resource) > members.length - majority;
    const poll = await this.#poll.ask(
      (member) => member.renewOrRetake(claim),
      (answers) => claim.resources.some((resource) => isLost(answers, resource)) || claim.resources.every((resource) => isKept(answers, resource)),
    );
    const answers = poll.answers.map(({ value }) => value);
    if (claim.resources.every((resource) => isKept(answers, resource))) return [];
    // What was retaken counts as renewed from the next time on. It may, only if the lock was ours without a break until now.
    for (const { member, value } of poll.answers) this.#giveUp(claim, member, value.retaken);
    for (const { member, late } of poll.unheard) void late.then((renewal) => this.#giveUp(claim, member, renewal?.retaken ?? []));
    const lost = claim.resources.filter((resource) => isLost(answers, resource));
    if (lost.length === 0) throw noMajority(poll.answers.length, members.length);
    return lost;
  }

  async letGo(claim: LockClaim): Promise<string[]> {
    const { majority, members } = this.#poll;
    const isOurs = (answers: readonly string[][], resource: string) => answers.length - countHaving(answers, resource) >= majority;
    const isLost = (answers: readonly string[][], resource: string) => countHaving(answers, resource) > members.length - majority;
    const isDecided = (answers: readonly string[][]) =>
      claim.resources.every((resource) => isOurs(answers, resource) || isLost(answers, resource));
    const poll = await this.#poll.ask((member) => member.letGo(claim), isDecided);
    const answers = poll.answers.map(({ value }) => value);
    if (!isDecided(answers)) throw noMajority(answers.length, members.length);
    return claim.resources.filter((resource) => isLost(answers, resource));
  }

  onWake(owner: string, listener: (handedPlace: number | null) => void) {
    this.#waiters.set(owner, { roundCount: 0, ticket: null });
    const wakes = this.#poll.members.map((member) => member.onWake(owner, listener));
    return {
      stop: () => {
        this.#waiters.delete(owner);
        for (const wake of wakes) wake.stop();
      },
    };
  }

  async list(shop: string): Promise<LockListing> {
    const poll = await this.#poll.ask((member) => member.list(shop), () => false);
    this.#insistOnMajority(poll);
    return mergeListings(poll.answers.map(({ value }) => value), this.#poll.majority);
  }

  /** The others are heard as soon as they can be; until then their wakes are missing, which those of a majority make up for. */
  ready(): Promise<void> {
    let readyCount = 0;
    return new Promise((resolve) => {
      const count = (): void => {
        readyCount += 1;
        if (readyCount === this.#poll.majority) resolve();
      };
      for (const member of this.#poll.members) member.ready().then(count, () => undefined);
    });
  }

  #vote(claim: LeaseClaim, round: Round): Promise<PollResult<Vote>> {
    const { majority, members } = this.#poll;
    return this.#poll.ask(
      (member) => member.vote(claim, round),
      (votes) => {
        const grantedCount = votes.filter((vote) => vote.granted).length;
        return grantedCount >= majority || votes.length - grantedCount > members.length - majority;
      },
    );
  }

  #isGranted(poll: PollResult<Vote>): boolean {
    return poll.answers.filter(({ value }) => value.granted).length >= this.#poll.majority;
  }

  /** When a majority could grant: leases end at different times on different members, and some may not need to end at all. */
  #retryInMs(poll: PollResult<Vote>): number | null {
    const waits = poll.answers.map(({ value }) => (value.granted ? 0 : (value.retryInMs ?? Number.POSITIVE_INFINITY)));
    const wait = waits.toSorted((a, b) => a - b)[this.#poll.majority - 1];
    return wait === undefined || wait === Number.POSITIVE_INFINITY ? null : wait;
  }

  #giveUp(claim: LockClaim, member: LockMember, resources: readonly string[]): void {
    const { shop, owner } = claim;
    if (resources.length > 0) this.#poll.tell([member], () => member.letGo({ shop, owner, resources }));
  }

  #hasMajority(poll: PollResult<unknown>): boolean {
    return poll.answers.length >= this.#poll.majority;
  }

  #insistOnMajority(poll: PollResult<unknown>): void {
    if (!this.#hasMajority(poll)) throw noMajority(poll.answers.length, this.#poll.members.length);
  }
}

function countHaving(answers: readonly (readonly string[])[], resource: string): number {
  return answers.filter((answer) => answer.includes(resource)).length;
}

function countRenewed(answers: readonly Renewal[], resource: string): number {
  return answers.filter(({ renewed }) => renewed.includes(resource)).length;
}

function noMajority(answerCount: number, memberCount: number): Error {
  return new Error(`only ${answerCount} of ${memberCount} lock servers answered to the point: no majority`);
}
