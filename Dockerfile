# Two images from one build: worker and starter, each one static binary, run as nobody in particular.
#   docker build --target worker  --build-arg VERSION=1.2.3 -t relance/worker:1.2.3 .
#   docker build --target starter --build-arg VERSION=1.2.3 -t relance/starter:1.2.3 .
FROM --platform=$BUILDPLATFORM golang:1.26.8-trixie AS build
WORKDIR /src
ENV CGO_ENABLED=0 GOTOOLCHAIN=local
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG TARGETOS TARGETARCH
ARG VERSION=dev
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false -ldflags "-s -w -X relance/internal/settings.stamped=$VERSION" -o /out/ ./worker ./starter

# distroless static: CA certificates, time zones, an unprivileged user; no shell and nothing to update in it.
FROM gcr.io/distroless/static-debian13:nonroot AS base
ARG VERSION=dev
LABEL org.opencontainers.image.title="Relance" \
      org.opencontainers.image.description="Durable outreach on Temporal" \
      org.opencontainers.image.version="$VERSION"
USER nonroot:nonroot

FROM base AS starter
COPY --from=build /out/starter /usr/local/bin/starter
ENTRYPOINT ["/usr/local/bin/starter"]

# The last stage is what a plain docker build makes.
FROM base AS worker
COPY --from=build /out/worker /usr/local/bin/worker
ENV RELANCE_HTTP_ADDRESS=0.0.0.0:9090
EXPOSE 9090
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s --retries=4 CMD ["/usr/local/bin/worker", "-healthcheck"]
ENTRYPOINT ["/usr/local/bin/worker"]
