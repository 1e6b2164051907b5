// The driver adapter of Prisma's CLI only: lets `generate` and `migrate` run on the WASM schema engine, without a native download.
import { randomUUID } from "node:crypto";
import { PrismaPg } from "@prisma/adapter-pg";

type Adapter = Awaited<ReturnType<PrismaPg["connect"]>>;
type Answer = { fields: { dataTypeID: number }[] };

/**
 * adapter-pg refuses two column types that PostgreSQL's own catalog is full of and the schema engine reads. They are
 * presented as the types beside them that it knows; the values themselves arrive as text either way.
 */
const charOid = 18;
const presentedOid = new Map([
  [charOid, 25], // "char" → text
  [19, 25], // name → text
  [1002, 1009], // "char"[] → text[]
  [1003, 1009], // name[] → text[]
]);
/** `ColumnTypeEnum.Character` of @prisma/driver-adapter-utils: the engine reads "char" columns as one character. */
const characterType = 6;

export class CatalogPrismaPg extends PrismaPg {
  readonly #url: string | undefined;

  constructor(url: string | undefined) {
    // Else an idle connection of the pool would keep a command alive after its work.
    super({ connectionString: url, allowExitOnIdle: true });
    this.#url = url;
  }

  override async connect(): Promise<Adapter> {
    if (this.#url === undefined || this.#url === "") throw new Error("DATABASE_URL is not set (see .env.example)");
    letCommandEnd();
    return presentCatalogTypes(await super.connect());
  }

  /** The original's shadow connection goes to the address's own database again whenever a connection string is used. */
  override async connectToShadowDb(): Promise<Adapter> {
    const main = await this.connect();
    const name = `prisma_migrate_shadow_db_${randomUUID()}`;
    await main.executeScript(`CREATE DATABASE "${name}"`);
    const url = new URL(this.#url ?? "");
    url.pathname = `/${name}`;
    const shadow = await new CatalogPrismaPg(url.href).connect();
    const disconnect = shadow.dispose.bind(shadow);
    shadow.dispose = async () => {
      await disconnect();
      await main.executeScript(`DROP DATABASE "${name}"`);
      await main.dispose();
    };
    return shadow;
  }
}

const lockTimeoutMs = 10_000;
let commandMayEnd = false;

/**
 * The WASM engine takes its migration lock with a time-out it never clears: every command would sit it out, ten seconds
 * after its work is done. Such a timer no longer keeps the process alive; while a lock is waited for, the waiting does.
 */
function letCommandEnd(): void {
  if (commandMayEnd) return;
  commandMayEnd = true;
  const original = globalThis.setTimeout;
  const patched = (work: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]) => {
    const timer = original(work, delayMs, ...args);
    return delayMs === lockTimeoutMs ? timer.unref() : timer;
  };
  globalThis.setTimeout = Object.assign(patched, original);
}

function presentCatalogTypes(adapter: Adapter): Adapter {
  // Private in the types only: performIO is the one place where an answer's column types can still be seen.
  const performIO: (query: unknown) => Promise<Answer> = adapter["performIO"].bind(adapter);
  const queryRaw = adapter.queryRaw.bind(adapter);
  const typesOf = new WeakMap<object, number[]>();
  adapter["performIO"] = async (query: object) => {
    const answer = await performIO(query);
    typesOf.set(query, answer.fields?.map((field) => field.dataTypeID) ?? []);
    for (const field of answer.fields ?? []) field.dataTypeID = presentedOid.get(field.dataTypeID) ?? field.dataTypeID;
    return answer;
  };
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query);
    const types = typesOf.get(query) ?? [];
    return { ...result, columnTypes: result.columnTypes.map((type, index) => (types[index] === charOid ? characterType : type)) };
  };
  // The original cuts a script at every semicolon, which breaks functions and quoted text; PostgreSQL takes it whole.
  adapter.executeScript = async (script) => {
    await adapter.underlyingDriver().query(script).catch((error: unknown) => adapter["onError"](error));
  };
  return adapter;
}
