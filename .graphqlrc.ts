// Tells the Shopify CLI, editors and `npm run graphql-codegen` which schema the GraphQL documents are written against.
import { existsSync, readdirSync } from "node:fs";

import { ApiType, shopifyApiProject } from "@shopify/api-codegen-preset";

import { ADMIN_API_VERSION } from "./app/domain/api-version.ts";

const DOCUMENTS = ["./app/adapters/shopify/documents/*.ts"];
/** The schema that the set-up step fetches from npm, so that generating types needs no network and no shop. */
const CACHED_SCHEMA = `./.cache/admin_${ADMIN_API_VERSION}.json`;

const remote = shopifyApiProject({ apiType: ApiType.Admin, apiVersion: ADMIN_API_VERSION, documents: DOCUMENTS, outputDir: "./.cache/types" });

/** The preset names Shopify's own address as the schema in every output; the cached file replaces it where there is one. */
function onCachedSchema(): typeof remote {
  const codegen: { generates: Record<string, object> } = remote.extensions?.["codegen"] ?? { generates: {} };
  const generates = Object.entries(codegen.generates).map(([file, output]) => [file, { ...output, schema: CACHED_SCHEMA }]);
  return { ...remote, schema: CACHED_SCHEMA, extensions: { codegen: { ...codegen, generates: Object.fromEntries(generates) } } };
}

function extensionProjects(): Record<string, { schema: string; documents: string[] }> {
  if (!existsSync("./extensions")) return {};
  const projects: Record<string, { schema: string; documents: string[] }> = {};
  for (const name of readdirSync("./extensions")) {
    const schema = `./extensions/${name}/schema.graphql`;
    if (existsSync(schema)) projects[name] = { schema, documents: [`./extensions/${name}/**/*.graphql`] };
  }
  return projects;
}

export default {
  projects: {
    default: existsSync(CACHED_SCHEMA) ? onCachedSchema() : remote,
    ...extensionProjects(),
  },
};
