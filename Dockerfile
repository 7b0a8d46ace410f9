FROM python:3.11.14-slim-bookworm AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV VIRTUAL_ENV=/opt/rapport UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1
WORKDIR /src
COPY constraints.txt ./
RUN pip install --no-cache-dir --constraint constraints.txt uv && uv venv "$VIRTUAL_ENV"
# The dependencies in a layer of their own: a change of our code installs none of them again.
COPY pyproject.toml ./
RUN uv pip install --only-binary :all: --constraint constraints.txt --requirement pyproject.toml
COPY LICENSE README.md ./
COPY events events
COPY scoring scoring
COPY ingest ingest
COPY streams streams
COPY warehouse warehouse
COPY alerts alerts
COPY rapport rapport
# For instance EXTRAS=torch. Not needed for the compose file: its engines are images of their own.
ARG EXTRAS=""
# The last step brings the text model, checked against its sums; what fetches it stays out of the image.
RUN uv pip install --constraint constraints.txt ".${EXTRAS:+[${EXTRAS}]}" \
    && uv pip install --only-binary :all: --constraint constraints.txt --target /fetch jgo \
    && PYTHONPATH=/fetch "$VIRTUAL_ENV/bin/python" -m rapport.text_model

FROM python:3.11.14-slim-bookworm
RUN groupadd --gid 10001 rapport \
    && useradd --uid 10001 --gid rapport --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin rapport \
    && install --directory --owner=rapport --group=rapport /var/lib/rapport
COPY --from=build /opt/rapport /opt/rapport
# Bytecode was compiled above, so that the root file system can be read-only. onnxruntime is to report to nobody.
ENV PATH=/opt/rapport/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ORT_DISABLE_TELEMETRY=1
# ./rapport.toml, where every command looks, is a file mounted here.
WORKDIR /etc/rapport
USER 10001:10001
ENTRYPOINT ["rapport"]
CMD ["--help"]
