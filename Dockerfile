# The cloud of one owner. The same image runs on Cloud Run, on Knative and on a Linux server.
#   docker build -t satchel-service .
#   docker run --read-only --tmpfs /tmp -v satchel:/var/lib/satchel -p 127.0.0.1:8080:8080 satchel-service
# It prints the pairing code. docs/guides/self-hosting.md has a Compose file and configurations for TLS.
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
COPY lock/service.txt /build/service.txt
RUN python3 -m venv --copies /opt/satchel \
 && /opt/satchel/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /build/service.txt \
 && /opt/satchel/bin/python -m pip uninstall --yes --quiet setuptools pip
COPY service/satchel_wire /build/packages/satchel_wire
COPY service/satchel_service /build/packages/satchel_service
RUN site=$(/opt/satchel/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
 && mv /build/packages/* "$site" \
 && find /opt/satchel -name '__pycache__' -prune -exec rm -rf {} + \
 && /opt/satchel/bin/python -m compileall -q --invalidation-mode unchecked-hash "$site" \
 && printf '%s\n' '#!/opt/satchel/bin/python' 'import sys' 'from satchel_service.main import main' 'sys.exit(main())' \
    > /opt/satchel/bin/satchel-service \
 && chmod 755 /opt/satchel/bin/satchel-service \
 && mkdir -p /data/satchel

FROM ${PYTHON_IMAGE}
COPY --from=build /opt/satchel /opt/satchel
COPY --from=build --chown=65532:65532 /data/satchel /var/lib/satchel
ENV PATH=/opt/satchel/bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    SATCHEL_STORAGE=file:/var/lib/satchel SATCHEL_BIND=0.0.0.0 PORT=8080
USER 65532:65532
VOLUME /var/lib/satchel
EXPOSE 8080
ENTRYPOINT ["satchel-service"]
