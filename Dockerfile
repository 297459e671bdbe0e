# Two stages: the first builds a static binary, the second holds nothing else
# but it, certificates, folders for the data and their copies, and /tmp.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
# Each folder by name: what else lies beside them, secrets too, is never sent.
COPY main.go ./
COPY app app
COPY bot bot
COPY conversation conversation
COPY demo demo
COPY desk desk
COPY incident incident
COPY internal internal
COPY mailer mailer
COPY outbox outbox
COPY simulator simulator
COPY storage storage
ARG VERSION=dev
ARG COMMIT=
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION} -X main.commit=${COMMIT}" -o /intakebot . \
 && mkdir /data /backup && mkdir /tmp/passing

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /intakebot /intakebot
# The owner of the folder becomes the owner of a volume mounted on it.
COPY --from=build --chown=65532:65532 --chmod=0700 /data /data
COPY --from=build --chown=65532:65532 --chmod=0700 /backup /backup
COPY --from=build --chmod=1777 /tmp/passing /tmp
ENV SQLITE_PATH=/data/incidents.db SQLITE_TMPDIR=/data
VOLUME /data
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["/intakebot", "health"]
ENTRYPOINT ["/intakebot"]
