#!/usr/bin/env bash
# Show the JSON reports: as annotations, in the job's summary, as JUnit XML, in the log, as outputs.
#
# In:  FOLDER, from grade.sh; IMAGE; FAIL_UNDER and REQUIRED, may be empty
# Out: outputs `score`, `max_score`, `result`, `reports`, and `status`: 0; 1 if a score is
#      too low; 2 if a hand-in was refused; 3 if the grader failed
set -euo pipefail
# shellcheck source=action/commands.sh
source "$(dirname "${BASH_SOURCE[0]}")/commands.sh"

[[ $FAIL_UNDER =~ ^([0-9]+(\.[0-9]+)?)?$ ]] ||
    refuse "The input 'fail-under' is a number of points, not '$FAIL_UNDER'."

mapfile -d '' -t paths <"$FOLDER/graded"
mapfile -t names <"$FOLDER/names"
options=("${paths[@]/#/--at=}")
[[ -z $FAIL_UNDER ]] || options+=("--fail-under=$FAIL_UNDER")
while IFS= read -r name; do
    name=${name//[[:space:]]/}
    [[ -z $name ]] || options+=("--required=$name")
done <<<"$REQUIRED"

# No student code runs in this container; but it reads what one has left, so it gets as little as the other.
mkdir "$FOLDER/shown"
status=0
docker run --rm --network none --cap-drop ALL --security-opt no-new-privileges --read-only \
    --memory 512m --memory-swap 512m --pids-limit 64 --cpus 1 --user "$(id -u):$(id -g)" \
    --volume "$FOLDER/reports:/reports:ro" --volume "$FOLDER/shown:/shown" "$IMAGE" \
    cellgrade present "${options[@]}" "${names[@]/#//reports/}" --text /shown/text --annotations /shown/annotations \
    --summary /shown/summary --outputs /shown/outputs --junit /shown/junit.xml || status=$?
[[ $status != 2 ]] || refuse "The input 'required' names assignments of this image, one on each line: see above."
[[ $status =~ ^[013]$ ]] || fail "The reports could not be shown: docker run ended with exit status $status."

[[ $status != 0 || ! -e $FOLDER/refused ]] || status=2

# The text is harmless by itself; with this, it is so whatever else is wrong.
token=$(</proc/sys/kernel/random/uuid)
echo "::group::The report as text"
echo "::stop-commands::$token"
cat "$FOLDER/shown/text"
echo "::$token::"
echo "::endgroup::"
cat "$FOLDER/shown/annotations"

cat "$FOLDER/shown/summary" >>"$GITHUB_STEP_SUMMARY"
cat "$FOLDER/shown/outputs" >>"$GITHUB_OUTPUT"
if [[ -e $FOLDER/refused && ${REQUIRED//[[:space:]]/} ]]; then
    # What could not be graded may be what was required: no other hand-in's points stand in its place.
    for name in score max_score result; do
        set_output "$name" ''
    done
fi
mv "$FOLDER/shown/junit.xml" "$FOLDER/reports/junit.xml"
set_output reports "$FOLDER/reports"
set_output status "$status"
