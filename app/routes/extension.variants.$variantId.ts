// HTTP: what the block on a variant's page in Shopify's admin shows.

import type { LoaderFunctionArgs } from "@remix-run/node";

import { errorResponse, jsonResponse } from "#app/api/respond.ts";
import { answerExtension } from "#app/extension-api/answer-extension.server.ts";
import { readVariantStock } from "#app/extension-api/variant-stock.server.ts";
import { readId } from "#app/domain/gid.ts";

export function loader({ request, params }: LoaderFunctionArgs): Promise<Response> {
  return answerExtension(request, async ({ dependencies, install }) => {
    const variantId = readId("ProductVariant", params.variantId ?? "");
    const answer = variantId === null ? null : await readVariantStock(dependencies, install, variantId);
    return answer === null ? errorResponse("not_found", "Nothing is known of this variant in this shop.") : jsonResponse(answer);
  });
}
