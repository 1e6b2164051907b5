// What resolvers are given beside their source: the shop asked, who asks, and the moment of the commit.
import type { BulkRunner } from "./bulk/runner.ts";
import type { AdminSchema } from "./schema.ts";
import type { ShopState } from "../world/state.ts";
import type { World } from "../world/world.ts";
import type { Fault } from "../faults.ts";

export interface AppIdentity {
  id: string;
  title: string;
  handle: string;
}

export interface RootCall {
  fieldName: string;
  responseKey: string;
  args: Record<string, unknown>;
  /** The @idempotent key, when the field carries one. */
  key: string | null;
  /** The same key is in flight in another request. */
  concurrent: boolean;
}

export interface GraphContext {
  readonly world: World;
  readonly shop: ShopState;
  readonly app: AppIdentity;
  readonly admin: AdminSchema;
  readonly offline: boolean;
  readonly calls: ReadonlyMap<string, RootCall>;
  /** A user_error fault that this request's mutation must answer. */
  readonly userErrorFault: Fault | null;
  readonly bulk: BulkRunner;
  /** Concrete types of objects handed out behind an interface. */
  readonly typeOf: WeakMap<object, string>;
}

/** Resolvers of one type, by field. Fields without one are refused before anything runs. */
export type Resolvers<Source> = Readonly<Record<string, (source: Source, args: never, context: GraphContext, responseKey: string) => unknown>>;
export type ResolverTable = Readonly<Record<string, Resolvers<never>>>;
