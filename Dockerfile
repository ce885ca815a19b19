# The shared instance over PostgreSQL: `aiknowsys serve`. SQLite's binding is left out: the image keeps no store.
FROM node:20.20-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# Not without optional packages: the bundler has its binary in one. No scripts: nothing is compiled for this.
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

FROM node:20.20-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts
# The build has put what the program uses of these into dist/flat, with their licences.
RUN rm -r node_modules/@modelcontextprotocol node_modules/commander node_modules/zod

FROM node:20.20-bookworm-slim
ENV NODE_ENV=production STORAGE_TYPE=postgres HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /build/package.json /build/LICENSE ./
COPY --from=build /build/dist/lib/cli/main.js ./dist/lib/cli/
COPY --from=build /build/dist/flat ./dist/flat
COPY --from=build /build/schema ./schema
COPY --from=build /build/model ./model
# AIKNOWSYS_HOME: a volume here keeps the backups that are made before the schema changes.
RUN install --directory --owner=node --group=node --mode=0700 /home/node/.aiknowsys
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/lib/cli/main.js"]
CMD ["serve"]
