# Any image with Node.js 24, npm and a user "node" will do.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE} AS console
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY agent ./agent
RUN node node_modules/vite/bin/vite.js build --logLevel warn agent/console/web

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="guardrelay" \
      org.opencontainers.image.description="Relays Amazon GuardDuty findings to any SIEM, and proves that they arrived" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY templates ./templates
COPY config ./config
COPY agent ./agent
COPY --from=console /app/dist/web ./dist/web
# What the demo plays in.
COPY test/fixtures/findings ./test/fixtures/findings
RUN install --directory --owner=node --group=node --mode=0700 /var/lib/guardrelay
USER node
# Checkpoints, the search index and the quarantine file. Nothing else is written: the root may be read-only.
VOLUME /var/lib/guardrelay
# Where http.listen is moved, override this check too.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:8686/livez').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "agent/main.ts"]
CMD ["run"]
