# docker build -t cellgrade .
# docker run --rm --network none -v "$PWD/handin.tar:/handin.tar:ro" cellgrade
#
# As root, which it is unless told otherwise, every layer of the sandbox is on; as another user (--user), all but two.
#
# It is an Autolab (Tango) grading image too: `docker run --rm cellgrade cellgrade image-check` says what Tango needs of
# it. So there is no ENTRYPOINT, root is its user, and /home the folder that it starts in. To use Tango's own
# autodriver, copy it over /usr/local/bin/autodriver in an image FROM this one, owned by root, mode 4755.

# libseccomp2 builds the filter of system calls: without it, nothing is graded.
FROM debian:bookworm-slim AS python
ENV LANG=C.UTF-8
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends python3 libseccomp2 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*


# What is pinned, apart from the rest of pyproject.toml: the layers below are built again only when a pin changes.
FROM python AS pins
COPY pyproject.toml /
RUN python3 -c 'import tomllib; print(*tomllib.load(open("/pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' \
    > /requirements.txt \
 && python3 -c 'import tomllib; print(*tomllib.load(open("/pyproject.toml", "rb"))["project"]["optional-dependencies"]["hand-ins"], sep="\n")' \
    > /hand-ins.txt


FROM python AS pip
# pip stays in this stage, in a folder of its own: a hand-in finds no pip and no setuptools beside NumPy.
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends python3-venv \
 && python3 -m venv /pip \
 && python3 -m venv --without-pip /opt/cellgrade \
 && python3 -m venv --without-pip /opt/cellgrade-student
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_QUIET=1
COPY --from=pins /requirements.txt /


# All but torch: what grades from baked suites. Any user can read what is installed here, since a platform may start
# the grader as any user. That is safe: a job opens no file (seccomp, Landlock, as root an empty root folder), and right
# and wrong hand-ins are not here.
FROM pip AS environments
# The student's environment: the grader's NumPy, and nothing else.
RUN grep '^numpy==' /requirements.txt > /numpy.txt \
 && /pip/bin/pip --python /opt/cellgrade-student/bin/python install -r /numpy.txt
RUN grep -v '^torch==' /requirements.txt > /others.txt \
 && /pip/bin/pip --python /opt/cellgrade/bin/python install -r /others.txt


# torch as a CPU build: from a wheel in .ci/wheels if one was laid there (.ci/wheel does), else from PyTorch's own
# index. It and what it needs go under a prefix of their own, for the image without them shares the layers before.
# Its C++ headers and its own tests are a fifth of it, and nothing here uses them.
FROM environments AS torch
COPY .ci/wheels /wheels
RUN grep '^torch==' /requirements.txt > /torch.txt \
 && if ls /wheels/torch-*.whl; then from="--no-index --find-links /wheels"; \
    else from="--index-url https://download.pytorch.org/whl/cpu"; fi \
 && /pip/bin/pip --python /opt/cellgrade/bin/python install --no-deps --prefix /torch $from -r /torch.txt \
 && cd /torch/lib/python3*/site-packages \
 && rm -rf torch/include torch/test torch/bin/test_* torch/bin/*Test \
 && PYTHONPATH=$PWD /pip/bin/pip --python /opt/cellgrade/bin/python install --prefix /torch -r /requirements.txt


# cellgrade itself, under a prefix of its own: a change of the source makes two small layers, not two of a gigabyte.
FROM environments AS package
COPY pyproject.toml README.md /source/
COPY reference /source/reference
COPY grader /source/grader
RUN /pip/bin/pip --python /opt/cellgrade/bin/python install --no-deps --prefix /package /source


FROM python AS autodriver
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends gcc libc6-dev make
COPY autodriver /autodriver
RUN make -C /autodriver BUILD=/out \
 && chmod 4755 /out/autodriver


# What both images have.
FROM python AS base
ARG DEBIAN_FRONTEND=noninteractive
# The kernel counts a user's processes over the whole host. So autograde's id is none that useradd, systemd or Debian give
# to anybody, nor one of a job's (FIRST_UID in grader/sandbox/session.py, JOB_UID_FIRST in autodriver/autodriver.h).
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends make procps \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
 && useradd --create-home --shell /bin/bash autolab \
 && useradd --create-home --shell /bin/bash --uid 61183 --user-group autograde \
 && install -d -o autolab -g autolab /home/output \
 && ln -s /opt/cellgrade/bin/cellgrade /usr/local/bin/cellgrade
COPY --from=environments /opt /opt
COPY --from=autodriver /out/autodriver /usr/local/bin/autodriver
WORKDIR /home
CMD ["cellgrade", "grade", "--format", "autolab", "/handin.tar"]


FROM base AS whole
COPY --from=torch /torch /opt/cellgrade
COPY --from=package /package /opt/cellgrade
# The public cases of all assignments: a grading that finds them need not import torch.
RUN cellgrade bake --installed


# docker build --target baked -t cellgrade-baked .
# Without torch: it grades from the suites that were baked into it, or that a course lays beside them.
FROM base AS baked
COPY --from=package /package /opt/cellgrade
COPY --from=whole /opt/cellgrade/share/cellgrade /opt/cellgrade/share/cellgrade


# What hand-ins written in PyTorch may import, in an environment of their own.
FROM pip AS hand-ins
COPY --from=pins /hand-ins.txt /
COPY .ci/wheels /wheels
RUN python3 -m venv --without-pip /opt/cellgrade-student-torch \
 && grep -E '^(torch|numpy)==' /requirements.txt > /given.txt \
 && if ls /wheels/torch-*.whl; then from="--no-index --find-links /wheels"; \
    else from="--index-url https://download.pytorch.org/whl/cpu"; fi \
 && grep '^torch==' /given.txt > /torch.txt \
 && /pip/bin/pip --python /opt/cellgrade-student-torch/bin/python install --no-deps $from -r /torch.txt \
 && cd /opt/cellgrade-student-torch/lib/python3*/site-packages \
 && rm -rf torch/include torch/test torch/bin/test_* torch/bin/*Test \
 && /pip/bin/pip --python /opt/cellgrade-student-torch/bin/python install -r /given.txt -r /hand-ins.txt


# docker build --target pytorch -t cellgrade-pytorch .
# With that environment: it grades the homeworks that are written in PyTorch, notebooks and Keras as well.
FROM whole AS pytorch
COPY --from=hand-ins /opt/cellgrade-student-torch /opt/cellgrade-student-torch


FROM whole
