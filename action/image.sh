#!/usr/bin/env bash
# Get the image that grades: the one that is named, or else one built from this action's own Dockerfile.
#
# In:  IMAGE, may be empty
# Out: output `image`
set -euo pipefail
# shellcheck source=action/commands.sh
source "$(dirname "${BASH_SOURCE[0]}")/commands.sh"

docker info >/dev/null 2>&1 || fail "No Docker engine answers on this runner."

if [[ $IMAGE ]]; then
    docker image inspect -- "$IMAGE" >/dev/null 2>&1 || docker pull --quiet -- "$IMAGE" ||
        fail "The image '$IMAGE' cannot be pulled."
    set_output image "$IMAGE"
    exit
fi

echo "::group::Building the image"
id=$(mktemp "$RUNNER_TEMP/cellgrade-image.XXXXXX")
docker build --iidfile "$id" --tag cellgrade_action "$GITHUB_ACTION_PATH" || {
    echo "::endgroup::"
    fail "The image could not be built."
}
echo "::endgroup::"
set_output image "$(<"$id")"
rm -f "$id"
