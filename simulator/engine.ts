// The running simulator as its own parts see it: the world plus everything that is not part of a snapshot.
import type { SimulatorOptions } from "./options.ts";
import type { World } from "./world/world.ts";

export interface Engine {
  readonly world: World;
  readonly options: SimulatorOptions;
  readonly appHandle: string;
  appUrl: string | null;
  signSessionToken(shop: string, staffId?: string): string;
}
