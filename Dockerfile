# One image for all services; which one a container runs is its command (docker-compose.yml).
FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --include=dev --no-audit --no-fund
COPY . .
RUN node scripts/build.mjs && npm prune --omit=dev --no-audit --no-fund

FROM node:20-slim
ENV NODE_ENV=production \
    KAIROS_DATA=/data \
    KAIROS_HTTP=0.0.0.0:8080 \
    KAIROS_OPS=0.0.0.0:8081
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN mkdir --mode=0700 /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080 8081
# The programs are run from dist directly: npm scripts would look for sources to build, which are not here.
CMD ["node", "dist/apps/cli/src/main.js", "--help"]
