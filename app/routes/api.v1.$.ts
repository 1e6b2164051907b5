// HTTP: every other path under /api/v1, so that a program gets JSON there, too.

import { errorResponse } from "#app/api/respond.ts";

const notFound = () => errorResponse("not_found", "There is no such endpoint; docs/reference/api.md lists them.");

export const loader = notFound;
export const action = notFound;
