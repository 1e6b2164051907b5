# syntax=docker/dockerfile:1
# One image for every process of Holdfast; the command says which: web (the default), worker, setup or the operator's command.
# docs/deployment.md says how it is used; tests/architecture/deployment-files.test.ts holds it to what the processes need.

ARG NODE_VERSION=24

FROM node:${NODE_VERSION}-slim AS base
# Node refuses to strip types from files under a folder named node_modules: the app lies outside of one.
WORKDIR /srv/holdfast
# No native engine, no greeting, no look for a newer version: Prisma's command line is used for migrations only.
ENV PRISMA_CLIENT_ENGINE_TYPE=client CHECKPOINT_DISABLE=1 PRISMA_HIDE_UPDATE_MESSAGE=1

# Pages and server, built with everything that development needs; only build/ of this stage is kept.
FROM base AS build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev
COPY tsconfig.json vite.config.ts ./
COPY public public
COPY app app
RUN npm run build

# What the processes import, and nothing that development needs. The Prisma client is generated into it.
FROM base AS packages
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
# What the pages are made of is in build/ already: 93 of 421 MB that no process imports.
RUN npm uninstall --no-save --omit=dev @shopify/polaris @shopify/polaris-icons @shopify/app-bridge-react @remix-run/react echarts isbot
COPY prisma.config.ts ./
COPY prisma prisma
COPY dev/setup-database.ts dev/
COPY dev/services dev/services
RUN npm run setup -- --client-only

FROM base AS run
ENV NODE_ENV=production PORT=3000 WORKER_PORT=3001
COPY --from=packages /srv/holdfast/node_modules node_modules
COPY package.json prisma.config.ts ./
COPY prisma prisma
COPY dev/setup-database.ts dev/
COPY dev/services dev/services
COPY app app
COPY web web
COPY worker worker
COPY cli cli
COPY --from=build /srv/holdfast/build build
# Files belong to root and are only read: whoever gets into the process changes nothing of the app.
USER node
EXPOSE 3000 3001
# Alive, not ready: who cannot reach PostgreSQL is not mended by being restarted.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "cli/check-health.ts"]
# Without npm or a shell between, so that SIGTERM reaches the process. Both stop within 30 s: give them that (`docker stop -t 30`).
STOPSIGNAL SIGTERM
# A heap that is cleaned before it grows, by few threads: docs/decisions/040-small-heaps.md, 043-one-helper-thread.md.
CMD ["node", "--v8-pool-size=1", "--max-semi-space-size=16", "--heap-growing-percent=60", "web/main.ts"]
