// Lets Node find the stand-in where a script imports one of k6's modules: `node --import ./load/stand-in/register.ts …`.
import { registerHooks } from "node:module";

const home = new URL("./k6.ts", import.meta.url).href;
const moduleOf: Readonly<Record<string, string>> = {
  k6: `export { check, sleep, fail } from "${home}";`,
  "k6/http": `export { http as default } from "${home}";`,
  "k6/crypto": `export { crypto as default } from "${home}";`,
  "k6/execution": `export { execution as default } from "${home}";`,
  "k6/metrics": `export { Counter } from "${home}";`,
};

registerHooks({
  resolve(specifier, context, next) {
    const source = moduleOf[specifier];
    if (source === undefined) return next(specifier, context);
    return { url: `data:text/javascript,${encodeURIComponent(source)}`, shortCircuit: true };
  },
});
