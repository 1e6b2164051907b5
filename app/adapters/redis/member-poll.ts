// Asks every member of a quorum one question at once and answers as soon as the answers decide it, whoever is still silent.
import type { Clock } from "#app/ports/clock.ts";
import type { LockMember } from "./lock-member.ts";

/**
 * A member that does not answer within this is not waited for: half of the 2 s an attempt is given, of which an attempt may need two.
 * What it does later is still heard, and counts as ours or is given back.
 */
const MEMBER_TIMEOUT_MS = 500;

export interface Answer<Value> {
  readonly member: LockMember;
  readonly value: Value;
}

export interface PollResult<Value> {
  readonly answers: readonly Answer<Value>[];
  /** Asked, and not heard in time or failed: the question may yet take effect there. `late` resolves to null if it is never answered. */
  readonly unheard: readonly { readonly member: LockMember; readonly late: Promise<Value | null> }[];
}

export class MemberPoll {
  readonly members: readonly LockMember[];
  /** Counted from the members configured, not from those that can be reached: two halves must never both be a majority. */
  readonly majority: number;
  readonly #clock: Clock;
  /** Members that let a question time out and have answered none since. Nobody waits for them while a majority answers without them. */
  readonly #silent = new Set<LockMember>();

  constructor(members: readonly LockMember[], clock: Clock) {
    this.members = members;
    this.majority = Math.floor(members.length / 2) + 1;
    this.#clock = clock;
  }

  /** Every question is sent before this returns its promise, so that calls reach each member in the order in which they are made here. */
  ask<Value>(question: (member: LockMember) => Promise<Value>, isDecided: (answers: readonly Value[]) => boolean): Promise<PollResult<Value>> {
    const answers: Answer<Value>[] = [];
    const pending = new Map<LockMember, Promise<Value | null>>();
    const failed = new Map<LockMember, Promise<Value | null>>();
    return new Promise((resolve) => {
      const finish = (): void => {
        timer.cancel();
        const unheard = [...failed, ...pending].map(([member, late]) => ({ member, late }));
        resolve({ answers: [...answers], unheard });
      };
      const finishIfDecided = (): void => {
        const mustWait = answers.length < this.majority ? pending.size > 0 : [...pending.keys()].some((member) => !this.#silent.has(member));
        if (!mustWait || isDecided(answers.map(({ value }) => value))) finish();
      };
      const timer = this.#clock.setTimer(MEMBER_TIMEOUT_MS, () => {
        for (const member of pending.keys()) this.#silent.add(member);
        finish();
      });
      const heard = (member: LockMember, value: Value): Value => {
        this.#silent.delete(member);
        pending.delete(member);
        answers.push({ member, value });
        finishIfDecided();
        return value;
      };
      const notHeard = (member: LockMember): null => {
        pending.delete(member);
        failed.set(member, Promise.resolve(null));
        finishIfDecided();
        return null;
      };
      for (const member of this.members) {
        pending.set(member, question(member).then((value) => heard(member, value), () => notHeard(member)));
      }
    });
  }

  /** Tells the given members something and waits for none of them: what does not arrive lapses with its lease. */
  tell(members: Iterable<LockMember>, message: (member: LockMember) => Promise<unknown>): void {
    for (const member of members) void message(member).catch(() => undefined);
  }
}
