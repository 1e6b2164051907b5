// Builds the embedded app (browser and server) with Remix's Vite plugin, as the Shopify template does.
import { vitePlugin as remix } from "@remix-run/dev";
import { installGlobals } from "@remix-run/node";
import { defineConfig } from "vite";

installGlobals({ nativeFetch: true });

const appUrl = new URL(process.env.SHOPIFY_APP_URL ?? process.env.HOST ?? "http://localhost");
const isLocal = appUrl.hostname === "localhost" || appUrl.hostname === "127.0.0.1";

/** Left outside the server's one file: what is one thing for the whole process, looks for files of its own, or is plain Node code of one module. */
const OUTSIDE_SERVER = ["@opentelemetry/api", "@prisma/adapter-pg", "@prisma/client", "@remix-run/node", "bullmq", "ioredis", "msgpackr", "nodemailer", "pg", "pino", "prom-client", "react", "react-dom", "undici"];

export default defineConfig(({ command }) => ({
  server: {
    allowedHosts: [appUrl.hostname],
    cors: { preflightContinue: true },
    port: Number(process.env.PORT ?? 3000),
    hmr: isLocal
      ? { protocol: "ws", host: "localhost", port: 64999, clientPort: 64999 }
      : { protocol: "wss", host: appUrl.hostname, port: Number(process.env.FRONTEND_PORT ?? 8002), clientPort: 443 },
    fs: { allow: ["app", "node_modules"] },
  },
  plugins: [
    remix({
      ignoredRouteFiles: ["**/.*", "**/*.test.*"],
      future: {
        v3_fetcherPersist: true,
        v3_relativeSplatPath: true,
        v3_throwAbortReason: true,
        v3_lazyRouteDiscovery: true,
        v3_singleFetch: true,
        v3_routeConfig: false,
      },
    }),
  ],
  // Finding and reading some 3,000 modules took a starting server 2.8 s of computing; what it needs of them, in one file, takes 0.7 s.
  ...(command === "build" ? { ssr: { noExternal: true as const, external: OUTSIDE_SERVER } } : {}),
  build: { assetsInlineLimit: 0 },
  optimizeDeps: { include: ["@shopify/app-bridge-react", "@shopify/polaris"] },
}));
