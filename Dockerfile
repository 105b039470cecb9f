# The cloud of one owner. The same image runs on Cloud Run, on Knative and on a Linux server.
#   make image
#   docker run --read-only --tmpfs /tmp --cap-drop ALL -v satchel:/var/lib/satchel -p 127.0.0.1:8080:8080 satchel-service
# It prints the pairing code. docs/guides/images.md shows builds without a network, and how to carry the image elsewhere.
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
# Every file of the image gets this time, so that two builds make the same layers.
ARG SOURCE_DATE_EPOCH=315532800
# Wheels in a directory wheelhouse are used instead of the package index; without one, the pattern matches nothing.
COPY lock/service.txt wheelhous[e] /build/
RUN set -- --no-cache-dir --disable-pip-version-check --no-compile --require-hashes \
 && if ls /build/*.whl >/dev/null 2>&1; then set -- "$@" --no-index --find-links /build; fi \
 && python3 -m venv /opt/satchel \
 && /opt/satchel/bin/python -m pip install "$@" -r /build/service.txt \
 && /opt/satchel/bin/python -m pip uninstall --yes --quiet setuptools pip
# boto3 describes every service of AWS, and keeps the endpoints of all of them in memory. A cloud uses these.
RUN /opt/satchel/bin/python -c 'import json, pathlib, shutil, botocore; \
used = {"s3", "sts", "sso", "sso-oidc", "signin", "portal.sso", "oidc"}; \
data = pathlib.Path(botocore.__file__).with_name("data"); \
[shutil.rmtree(each) for each in data.iterdir() if each.is_dir() and each.name not in used]; \
endpoints = json.loads((data / "endpoints.json").read_text()); \
[each.update(services={name: at for name, at in each["services"].items() if name in used}) for each in endpoints["partitions"]]; \
(data / "endpoints.json").write_text(json.dumps(endpoints))'
COPY service/satchel_wire /build/packages/satchel_wire
COPY service/satchel_service /build/packages/satchel_service
# Compiled here, because the root is read-only. The base image may lack the compiled standard library.
RUN site=$(/opt/satchel/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
 && library=$(/opt/satchel/bin/python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))') \
 && mv /build/packages/* "$site" \
 && find /opt/satchel/bin ! -type d ! -name python ! -name python3 -delete \
 && find /opt/satchel "$library" -name '__pycache__' -prune -exec rm -rf {} + \
 && /opt/satchel/bin/python -m compileall -q --invalidation-mode unchecked-hash "$site" \
 && /opt/satchel/bin/python -m compileall -q --invalidation-mode unchecked-hash \
    -x '/(test|tests|idlelib|tkinter|turtledemo|lib2to3|ensurepip|site-packages|dist-packages)/' "$library" \
 && printf '%s\n' '#!/opt/satchel/bin/python' 'import sys' 'from satchel_service.main import main' 'sys.exit(main())' \
    > /opt/satchel/bin/satchel-service \
 && chmod 755 /opt/satchel/bin/satchel-service \
 && mkdir -p /image/opt "/image$library" \
 && mv /opt/satchel /image/opt \
 && (cd "$library" && find . -name '__pycache__' -print0 | tar --null -cf - -T -) | tar -xf - -C "/image$library" \
 && find /image -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +

FROM ${PYTHON_IMAGE}
ARG REVISION=unknown
LABEL org.opencontainers.image.title="satchel-service" \
      org.opencontainers.image.description="A personal cloud that cannot read what it stores" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image/ /
ARG SOURCE_DATE_EPOCH=315532800
RUN install --directory --owner 65532 --group 65532 /var/lib/satchel \
 && touch --date "@$SOURCE_DATE_EPOCH" /var/lib/satchel /var/lib /var
ENV PATH=/opt/satchel/bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072 \
    SATCHEL_STORAGE=file:/var/lib/satchel SATCHEL_BIND=0.0.0.0 PORT=8080
USER 65532:65532
VOLUME /var/lib/satchel
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["satchel-service", "check-health"]
ENTRYPOINT ["satchel-service"]
