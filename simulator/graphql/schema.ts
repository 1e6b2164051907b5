// Shopify's real Admin schema, built once per file, with the access scopes and error texts that come with it.
import { readFile } from "node:fs/promises";
import { buildClientSchema, isEnumType } from "graphql";
import type { GraphQLSchema, IntrospectionQuery } from "graphql";

export interface AccessRule {
  /** Shopify's own words, quoted in the refusal. */
  requiredAccess: string;
  /** Any one of these is enough. */
  scopes: readonly string[];
}

export interface AdminSchema {
  readonly schema: GraphQLSchema;
  /** By `Type` and by `Type.field`; things without a rule are open. */
  readonly access: ReadonlyMap<string, AccessRule>;
  /** Mutations whose description demands @idempotent: the schema itself cannot say so. */
  readonly idempotentMutations: ReadonlySet<string>;
  /** The schema's own sentence for an error code. */
  errorText(enumName: string, code: string): string;
}

interface ScopeItem {
  type: "type" | "field";
  typeName: string;
  fieldName?: string;
  requiredAccess: string;
  offlineScopes: string[];
}

interface SchemaFile {
  data: IntrospectionQuery;
  offline_scopes: { items: ScopeItem[] };
}

const loaded = new Map<string, Promise<AdminSchema>>();

/** Building takes about a second, so simulators in one process share it. */
export function loadAdminSchema(path: string): Promise<AdminSchema> {
  const known = loaded.get(path);
  if (known) return known;
  const loading = build(path);
  loaded.set(path, loading);
  loading.catch(() => loaded.delete(path));
  return loading;
}

async function build(path: string): Promise<AdminSchema> {
  const file = JSON.parse(await readFile(path, "utf8")) as SchemaFile;
  const schema = buildClientSchema(file.data, { assumeValid: true });
  const access = new Map<string, AccessRule>();
  for (const item of file.offline_scopes.items) {
    if (item.offlineScopes.length === 0) continue;
    const key = item.type === "field" ? `${item.typeName}.${item.fieldName ?? ""}` : item.typeName;
    access.set(key, { requiredAccess: item.requiredAccess, scopes: item.offlineScopes });
  }
  const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
  return {
    schema,
    access,
    idempotentMutations: new Set(mutations.filter((field) => field.description?.includes("@idempotent")).map((field) => field.name)),
    errorText(enumName, code) {
      const type = schema.getType(enumName);
      const value = isEnumType(type) ? type.getValue(code) : undefined;
      return value?.description ?? code;
    },
  };
}
