// Where the simulated admin page and the stand-in for App Bridge are mounted on the simulator's router.
import type { Router } from "../http/router.ts";
import type { AdminFrameOptions } from "../options.ts";
import type { World } from "../world/world.ts";

export function mountAdminFrame(_router: Router, _world: World, _options: AdminFrameOptions): void {}
