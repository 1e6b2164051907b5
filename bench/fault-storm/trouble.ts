// Makes the faults of a seed: on time, then whatever is still owed, until each has struck often enough or the storm's time is over.
import type { Pool } from "pg";
import type { SeededRandom } from "#tests/setup/seeded-random.ts";
import { CALL_FAULTS, type Coverage, FAULT_NAMES, STEP_FAULTS, STRIKES_MIN, type CallFault, type FaultName, type StepFault } from "./faults.ts";
import type { ObservedCall, PlannedFault } from "./gate.ts";
import { drawStrike, type StormPlan } from "./storm-plan.ts";
import type { StormProcess } from "./processes.ts";
import { OWN_APPLICATION, type SeedDatabase, type StormServices } from "./storm-services.ts";
import type { StatementFault } from "./storm-schema.ts";
import { LATE_MS, SLOW_CALL_MS, SLOW_QUESTION_MS } from "./storm-timings.ts";

/** What is armed at a step and not reached within this is armed somewhere else instead. */
const ARMED_MS = 1_200;
const LOOK_EVERY_MS = 100;
/** Of the calls that change stock, so many are broken while breaking is owed. */
const BROKEN_CALLS = 0.8;
/** Of the questions about keys, so many are answered slowly. */
const SLOW_QUESTIONS = 0.6;
const SLOW_QUESTIONS_AFTERWARDS = 0.05;
/** Faults that Shopify's network makes by itself, from the plan of the webhooks. */
const BY_THE_NETWORK: ReadonlySet<FaultName> = new Set(["webhook_copy", "webhook_out_of_order", "webhook_late"]);

/** Faults of the gate that the simulator does not know. */
const AT_THE_GATE: ReadonlySet<FaultName> = new Set(["late_attempt", "slow_question"]);

export interface TroubleParts {
  readonly plan: StormPlan;
  readonly random: SeededRandom;
  readonly coverage: Coverage;
  readonly services: StormServices;
  readonly database: SeedDatabase;
  /** Those that are there now. */
  readonly processes: () => readonly StormProcess[];
  /** When Redis lost what it held; laws about locks look at it. */
  readonly redisLosses: number[];
}

export class Trouble {
  readonly #parts: TroubleParts;
  readonly #armed: { fault: FaultName; untilMs: number; id: number | null }[] = [];
  #over = false;
  #restarting = false;

  constructor(parts: TroubleParts) {
    this.#parts = parts;
  }

  /** Resolves when every fault has struck often enough, or the time is over. */
  async rage(enough: () => boolean): Promise<void> {
    const { plan, random } = this.#parts;
    const startedMs = Date.now();
    const schedule = FAULT_NAMES.flatMap((fault) => Array.from({ length: this.#byUs(fault) ? (plan.wanted.get(fault) ?? 0) : 0 }, () => ({ fault, atMs: random.fraction() * plan.windowMs }))).toSorted((a, b) => a.atMs - b.atMs);
    while (!this.#over && Date.now() - startedMs < plan.limitMs) {
      const passedMs = Date.now() - startedMs;
      while ((schedule[0]?.atMs ?? Infinity) <= passedMs) await this.#inflict(schedule.shift()?.fault ?? "redis_flush");
      if (schedule.length === 0) {
        const owed = this.owed();
        if (owed.length === 0 && enough()) return;
        for (const fault of owed) if (this.#byUs(fault) && !this.#isArmed(fault)) await this.#inflict(fault);
      }
      await new Promise((passed) => setTimeout(passed, LOOK_EVERY_MS));
    }
  }

  /** Nothing more is inflicted; what is armed in processes is their business to disarm. */
  end(): void {
    this.#over = true;
  }

  isOver(): boolean {
    return this.#over;
  }

  owed(): FaultName[] {
    const { plan, coverage } = this.#parts;
    return plan.insistsOn.filter((fault) => !BY_THE_NETWORK.has(fault) && coverage.count(fault) < Math.min(plan.wanted.get(fault) ?? 0, plan.insistsTimes));
  }

  /** A strike was reported by a process. */
  struck(id: number): void {
    const index = this.#armed.findIndex((armed) => armed.id === id);
    if (index >= 0) this.#armed.splice(index, 1);
  }

  /** What befalls a call that changes stock, asked by the gate as it arrives. */
  readonly decide = (call: ObservedCall, earlier: readonly ObservedCall[]): PlannedFault | null => {
    const { random, coverage, plan } = this.#parts;
    if (this.#over) return null;
    if (call.question) return random.chance(this.#slowQuestions()) ? { kind: "slow_question", ms: random.between(SLOW_QUESTION_MS.min, SLOW_QUESTION_MS.max), index: null } : null;
    // What travels is followed by a refusal: a key that is given up now would have its traveller arrive later.
    if (earlier.at(-1)?.fault === "late_attempt") return { kind: "user_error", ms: 0, index: random.chance(0.5) ? null : 0 };
    if (plan.slowCalls) return { kind: "slow", ms: random.between(SLOW_CALL_MS.min, SLOW_CALL_MS.max), index: null };
    if (!random.chance(BROKEN_CALLS)) return null;
    const owed = ([...CALL_FAULTS, "late_attempt"] as const).filter((fault) => coverage.count(fault) < (plan.wanted.get(fault) ?? 0));
    if (owed.length === 0) return null;
    const kind = random.pick(owed);
    const ms = kind === "late_attempt" ? random.between(LATE_MS.min, LATE_MS.max) : random.between(SLOW_CALL_MS.min, SLOW_CALL_MS.max);
    return { kind, ms, index: random.chance(0.6) ? null : 0 };
  };

  /** While they are owed most questions are slow; afterwards few, or the storm would take for ever. */
  #slowQuestions(): number {
    const { plan, coverage } = this.#parts;
    const wanted = plan.wanted.get("slow_question") ?? 0;
    if (coverage.count("slow_question") >= wanted) return SLOW_QUESTIONS_AFTERWARDS;
    return wanted > STRIKES_MIN ? 1 : SLOW_QUESTIONS;
  }

  #byUs(fault: FaultName): boolean {
    return !BY_THE_NETWORK.has(fault) && !AT_THE_GATE.has(fault) && !CALL_FAULTS.includes(fault as CallFault);
  }

  #isArmed(fault: FaultName): boolean {
    return this.#armed.some((armed) => armed.fault === fault && armed.untilMs > Date.now());
  }

  async #inflict(fault: FaultName): Promise<void> {
    if (STEP_FAULTS.includes(fault as StepFault)) return this.#armStep(fault as StepFault);
    const { coverage } = this.#parts;
    switch (fault) {
      case "kill_at_any_moment": {
        const victim = this.#victim();
        if (!victim) return;
        victim.kill();
        coverage.struck(fault, victim.service);
        return;
      }
      case "redis_flush":
      case "redis_restart":
      case "redis_cut":
        return this.#troubleRedis(fault);
      case "postgres_cut": {
        const { database } = this.#parts;
        const cut = await cutConnections(database.pool, database.name);
        if (cut > 0) coverage.struck(fault);
        return;
      }
      case "deadlock":
      case "serialization":
      case "slow_statement": {
        const { pool } = this.#parts.database;
        await pool.query(`SELECT nextval('storm.${fault}_armed')`).catch(() => undefined);
        this.#armed.push({ fault, untilMs: Date.now() + ARMED_MS, id: null });
        const found = await pool.query<{ struck: number }>(`SELECT (last_value - 1)::int AS struck FROM storm.${fault}_struck`).catch(() => null);
        this.noteStatements(fault, found?.rows[0]?.struck ?? 0);
        return;
      }
      default:
    }
  }

  /** The database counts what it aborted and held up; the difference to what was known struck since. */
  noteStatements(fault: StatementFault, total: number): void {
    const { coverage } = this.#parts;
    const news = total - coverage.count(fault);
    if (news > 0) coverage.struck(fault, undefined, news);
  }

  #victim(service?: StormProcess["service"]): StormProcess | null {
    const { random, processes } = this.#parts;
    const running = processes().filter((process) => process.isRunning() && (service === undefined || process.service === service));
    return running.length === 0 ? null : random.pick(running);
  }

  #armStep(fault: StepFault): void {
    const { service, strike } = drawStrike(fault, this.#parts.random);
    const victim = this.#victim(service);
    if (!victim) return;
    victim.arm({ ...strike, untilMs: Date.now() + ARMED_MS });
    this.#armed.push({ fault, untilMs: Date.now() + ARMED_MS, id: strike.id });
  }

  async #troubleRedis(fault: "redis_flush" | "redis_restart" | "redis_cut"): Promise<void> {
    const { services, coverage, redisLosses } = this.#parts;
    const { redis, redisAdmin } = services;
    if (this.#restarting) return;
    switch (fault) {
      case "redis_flush": {
        const size = await redisAdmin.dbsize();
        redisLosses.push(Date.now());
        await redisAdmin.flushall();
        if (size > 0) coverage.struck(fault);
        return;
      }
      case "redis_restart": {
        this.#restarting = true;
        redisLosses.push(Date.now());
        await redis.killAndRestart().finally(() => {
          this.#restarting = false;
        });
        redisLosses.push(Date.now());
        coverage.struck(fault);
        return;
      }
      case "redis_cut": {
        const cut = Number(await redisAdmin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"));
        await redisAdmin.call("CLIENT", "KILL", "TYPE", "pubsub");
        redisLosses.push(Date.now());
        if (cut > 0) coverage.struck(fault);
      }
    }
  }
}

async function cutConnections(pool: Pool, database: string): Promise<number> {
  const cut = await pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name <> $2`, [database, OWN_APPLICATION]);
  return cut.rowCount ?? 0;
}
