# One image for everything that runs in production: the web server (as it stands), a worker
# (`node lib/worker/main.ts`) and the migrations (`node lib/cli/migrate.ts`).

FROM node:24-bookworm-slim AS packages
WORKDIR /portal
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev

FROM packages AS build
COPY . .
ENV NEXT_TELEMETRY_DISABLED=1
RUN npx prisma generate && npx next build && rm -rf .next/cache .next/dev lib/sandbox

FROM packages AS production-packages
RUN npm prune --omit=dev

FROM node:24-bookworm-slim
WORKDIR /portal
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1 PORT=3000
COPY --from=production-packages /portal/node_modules node_modules
COPY --from=build /portal/package.json /portal/next.config.ts ./
COPY --from=build /portal/.next .next
COPY --from=build /portal/public public
COPY --from=build /portal/lib lib
COPY --from=build /portal/prisma/apply-migrations.ts prisma/apply-migrations.ts
COPY --from=build /portal/prisma/migrations prisma/migrations
USER node
EXPOSE 3000
# The runtime may stop a container 10 s after asking; leave it at 30 to let requests finish.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/api/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "lib/cli/start.mjs"]
