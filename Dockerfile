# cluster_chat as one static program, with nothing beside it.
#
# Where no registry can be reached, `cargo xtask docker --builder` makes a builder of this machine's toolchain and a
# folder `vendor` of all crates. No step needs BuildKit.

# Rust, and a C compiler with the C library's headers.
ARG BUILDER=rust:1.95-slim
FROM ${BUILDER} AS build
WORKDIR /murmer
COPY . .
RUN if [ -f vendor/config.toml ]; then set -- --offline --config vendor/config.toml; fi; \
    sh deploy/build-static.sh /cluster_chat "$@"

# `cargo xtask docker` builds this stage too, of what it built on the host.
FROM scratch
COPY --from=build /cluster_chat /cluster_chat
# By number: there is no /etc/passwd that could tell what a name means.
USER 65532:65532
EXPOSE 7100/udp
# For the check below. Probes from outside of the container need 0.0.0.0:9100.
ENV MURMER_HEALTH=127.0.0.1:9100
HEALTHCHECK --interval=5s --timeout=3s --start-period=15s CMD ["/cluster_chat", "--check-health", "127.0.0.1:9100"]
ENTRYPOINT ["/cluster_chat"]
CMD ["--help"]
