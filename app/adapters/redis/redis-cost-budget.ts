// The cost budget shared through one Redis: asked before a turn's call to Shopify, corrected by each answer.
import type { Redis } from "ioredis";
import { invariant } from "#app/domain/invariant.ts";
import type { Clock } from "#app/ports/clock.ts";
import {
  ASSUMED_BUDGET,
  type BudgetAnswer,
  type BudgetRefusal,
  type BudgetReport,
  type BudgetReservation,
  type BudgetStanding,
  type CostBudget,
} from "#app/ports/cost-budget.ts";
import { registerCostBudgetScripts } from "./cost-budget-scripts.ts";
import type { RedisKeys } from "./keys.ts";
import { answerWithin } from "./wakeable-wait.ts";

/** A budget that does not answer within this counts as away. */
const ANSWER_LIMIT_MS = 1_000;

export interface RedisCostBudgetOptions {
  readonly commands: Redis;
  readonly keys: RedisKeys;
  readonly clock: Clock;
  /** A reservation never reported (its process died) is forgotten after this: no call to Shopify lasts longer. */
  readonly pointsReservedMs: number;
  /** Hears each time the budget could not be reached. */
  readonly onUnavailable?: (cause: Error) => void;
  /** For tests: the time of the bucket. Without it the bucket lives by the server's clock, the only one all processes share. */
  readonly bucketNowMs?: () => number;
}

export class RedisCostBudget implements CostBudget {
  readonly #options: RedisCostBudgetOptions;

  constructor(options: RedisCostBudgetOptions) {
    this.#options = options;
    registerCostBudgetScripts(options.commands);
  }

  async reserve({ shop, points }: { shop: string; points: number }): Promise<BudgetReservation> {
    invariant(Number.isFinite(points) && points > 0, "a reservation is of more than 0 points");
    const answer = await this.#ask((commands) => commands.holdfastCostReserveV1(...this.#bucket(shop), points));
    if (answer === null) return { kind: "unavailable" };
    invariant(Array.isArray(answer.reply), "the reserve script answers a pair");
    const [granted, ticketOrWaitMs] = answer.reply;
    return granted === 1 ? { kind: "granted", ticket: String(ticketOrWaitMs) } : { kind: "later", waitMs: Number(ticketOrWaitMs) };
  }

  async report({ shop, throttleStatus, requested, actual, ticket = "" }: BudgetAnswer): Promise<BudgetReport> {
    const { maximumAvailable, currentlyAvailable, restoreRate } = throttleStatus;
    const args = [requested, actual, maximumAvailable, currentlyAvailable, restoreRate, ticket];
    const told = await this.#ask((commands) => commands.holdfastCostReportV1(...this.#bucket(shop), ...args));
    return told === null ? "unavailable" : "recorded";
  }

  async throttled({ shop, waitMs, requested = 0, ticket = "" }: BudgetRefusal): Promise<BudgetReport> {
    const told = await this.#ask((commands) => commands.holdfastCostCloseV1(...this.#bucket(shop), requested, waitMs, ticket));
    return told === null ? "unavailable" : "recorded";
  }

  async cancel({ shop, points, ticket = "" }: { shop: string; points: number; ticket?: string | undefined }): Promise<BudgetReport> {
    const told = await this.#ask((commands) => commands.holdfastCostCancelV1(...this.#bucket(shop), points, ticket));
    return told === null ? "unavailable" : "recorded";
  }

  async standing(shop: string): Promise<BudgetStanding> {
    const answer = await this.#ask((commands) => commands.holdfastCostStandingV1(...this.#bucket(shop)));
    if (answer === null) return { kind: "unavailable" };
    invariant(Array.isArray(answer.reply), "the standing script answers a list");
    if (answer.reply.length === 0) return { kind: "unmeasured" };
    const [available, maximum, restoreRate, closedForMs] = answer.reply.map(Number);
    invariant(available !== undefined && maximum !== undefined && restoreRate !== undefined && closedForMs !== undefined, "the standing script answers four numbers");
    return { kind: "known", available, maximum, restoreRate, closedForMs };
  }

  /** The keys and the arguments that every script begins with. */
  #bucket(shop: string): [string, string, ...(string | number)[]] {
    const { keys, bucketNowMs } = this.#options;
    const { maximumAvailable, restoreRate } = ASSUMED_BUDGET;
    return [keys.cost(shop), keys.costInFlight(shop), bucketNowMs?.() ?? "", this.#options.pointsReservedMs, maximumAvailable, restoreRate];
  }

  /** A grant that is answered too late stays in flight until it is forgotten: too careful, never too generous. */
  async #ask(call: (commands: Redis) => Promise<unknown>): Promise<{ reply: unknown } | null> {
    const answer = await answerWithin(this.#options.clock, call(this.#options.commands), ANSWER_LIMIT_MS).answer;
    if (answer.kind === "answered") return { reply: answer.value };
    this.#options.onUnavailable?.(answer.kind === "failed" ? answer.cause : new Error("the cost budget does not answer"));
    return null;
  }
}
