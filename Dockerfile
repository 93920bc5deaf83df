# Two stages: the first has compilers and builds, the second has only what serves.
FROM node:22-bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 python3-pip g++ make \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV H5SERVE_CACHE=/opt/h5serve \
    NODE_DISABLE_COMPILE_CACHE=1
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
COPY workers workers
RUN node scripts/h5serve.mjs setup
RUN npm prune --omit=dev && rm -f tsconfig.json

FROM node:22-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production \
    H5SERVE_CACHE=/opt/h5serve \
    CACHE_DIR=/var/cache/h5serve-models \
    NODE_COMPILE_CACHE=/tmp/h5serve-compiled \
    LOG_DIR=none
# The library stands where the first stage linked it; the wheel it came from does not travel.
COPY --from=build /opt/h5serve /opt/h5serve
COPY --from=build /app /app
COPY saved_models saved_models
RUN mkdir -p "$CACHE_DIR" && chown node:node "$CACHE_DIR"
USER node
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 8000) + '/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["scripts/h5serve.mjs", "serve"]
