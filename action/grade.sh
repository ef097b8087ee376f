#!/usr/bin/env bash
# Grade each hand-in in a container of its own: without a network, with what its sandbox needs and no more.
#
# In:  FOLDER with `hand-ins`, from find.sh; IMAGE; ASSIGNMENT, COURSE, SEED, STRICT; MEMORY, TIMEOUT_MINUTES
# Out: FOLDER/reports: JSON reports; FOLDER/names and FOLDER/graded: their names, and the paths of their hand-ins;
#      FOLDER/refused, if a hand-in is of no assignment
set -euo pipefail
# shellcheck source=action/commands.sh
source "$(dirname "${BASH_SOURCE[0]}")/commands.sh"

readonly REPORT_BYTES=$((64 << 20)) STDERR_BYTES=$((64 << 10))

[[ $SEED =~ ^[0-9]+$ ]] || refuse "The input 'seed' is a whole number, 0 or more, not '$SEED'."
[[ $STRICT =~ ^(true|false)$ ]] || refuse "The input 'strict' is true or false, not '$STRICT'."
[[ $MEMORY =~ ^[1-9][0-9]*[bkmg]?$ ]] || refuse "The input 'memory' is a size such as 2g, not '$MEMORY'."
[[ $TIMEOUT_MINUTES =~ ^[1-9][0-9]*$ ]] ||
    refuse "The input 'timeout-minutes' is a whole number of minutes, not '$TIMEOUT_MINUTES'."

options=(--format json)
# The input is "0" unless a workflow says otherwise: then the course's own seed holds.
[[ $COURSE && $SEED == 0 ]] || options+=(--seed "$SEED")
[[ -z $ASSIGNMENT ]] || options+=("--assignment=$ASSIGNMENT")
[[ $STRICT == false ]] || options+=(--strict)

# With these capabilities every layer of the sandbox is on (`cellgrade doctor` lists them): a job gets a user id and
# an empty root folder of its own, and KILL ends it in spite of that. No variable, no token and no socket goes in.
container=(
    --network none --ipc none --log-driver none --security-opt no-new-privileges
    --cap-drop ALL --cap-add SETUID --cap-add SETGID --cap-add SYS_CHROOT --cap-add KILL
    --read-only --tmpfs "/tmp:rw,nosuid,nodev,noexec,size=64m"
    --memory "$MEMORY" --memory-swap "$MEMORY" --pids-limit 128 --cpus 1
    --ulimit core=0 --ulimit nofile=1024 --ulimit fsize=104857600
)

if [[ $COURSE ]]; then
    top=$(realpath -- "$GITHUB_WORKSPACE")
    settings=$(realpath -- "$top/$COURSE") || settings=
    [[ $settings == "$top"/* && -f $settings ]] ||
        refuse "The input 'course' is the path of a course.toml in the checkout, not '$COURSE'."
    cp -- "$settings" "$FOLDER/course.toml"
    chmod a+r "$FOLDER/course.toml"
    container+=(--volume "$FOLDER/course.toml:/course.toml:ro")
    # A pull request is no numbered attempt, whatever its author calls the folders in it.
    options+=(--course /course.toml --attempt 1)
fi

# Leave no container behind, however this ends.
running=''
stop() { [[ -z $running ]] || docker rm --force "$running" >/dev/null 2>&1 || true; }
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# stage PATH FOLDER: a copy that the container's root can read, without git's own files, which may hold a token.
stage() {
    mkdir -p "$2" || return
    if [[ -d $1 ]]; then
        tar -C "$1" --exclude=.git -cf - . | tar -C "$2" --no-same-owner -xf - || return
    else
        cp -P -- "$1" "$2/" || return
    fi
    chmod -R a+rX,u+w "$FOLDER/in"
}

# grade NUMBER PATH REPORT
grade() {
    local name inside=/hand-in status=0
    name=$(basename -- "$(realpath -- "$2")"; echo .)
    name=${name%$'\n.'}
    local copy=$FOLDER/in/$1
    [[ ! -d $2 ]] || copy+=/$name
    stage "$2" "$copy" || fail "$(quoted "$2") could not be copied."
    running=cellgrade-$$-$1-$RANDOM$RANDOM
    {
        timeout --kill-after=10 "${TIMEOUT_MINUTES}m" docker run --name "$running" "${container[@]}" \
            --volume "$FOLDER/in/$1:$inside:ro" "$IMAGE" \
            cellgrade grade "${options[@]}" "$inside/$name" 2>&3 |
            head -c "$REPORT_BYTES" >"$3"
    } 3>&1 | head -c "$STDERR_BYTES" >"$FOLDER/stderr" || status=$?
    local state why
    state=$(docker inspect --format '{{.State.Running}} {{.State.OOMKilled}}' "$running" 2>/dev/null) || state=
    why=$(tr -d '\0' <"$FOLDER/stderr")
    stop
    running=''
    rm -rf "$FOLDER/in"
    case "$status $state" in
    '0 '* | '3 '*) ;; # 3: the grader failed, and its report says so
    '2 '*)
        annotate error "$(quoted "$2") cannot be graded as this workflow asks: $why"
        return 1
        ;;
    # Without a report, it will be shown as the grader's fault.
    '124 '* | '137 true '*) annotate error "Grading $(quoted "$2") took more than $TIMEOUT_MINUTES minutes and was stopped." ;;
    '137 false '*) annotate error "Grading $(quoted "$2") was killed: it may need more than $MEMORY of memory." ;;
    *) annotate error "docker run ended with exit status $status for $(quoted "$2"): $why" ;;
    esac
}

cd "$GITHUB_WORKSPACE"
mkdir "$FOLDER/reports"
mapfile -d '' -t paths <"$FOLDER/hand-ins"
for i in "${!paths[@]}"; do
    report=report.json
    if ((${#paths[@]} > 1)); then
        safe=$(basename -- "${paths[i]}" | LC_ALL=C tr -c 'A-Za-z0-9\n' '_' | head -n 1 | cut -c 1-40)
        report=report-$((i + 1))-$safe.json
    fi
    if grade "$((i + 1))" "${paths[i]}" "$FOLDER/reports/$report"; then
        printf '%s\n' "$report" >>"$FOLDER/names"
        printf '%s\0' "${paths[i]}" >>"$FOLDER/graded"
    else
        rm "$FOLDER/reports/$report"
        touch "$FOLDER/refused"
    fi
done
[[ -e $FOLDER/names ]] # each that was refused has been told why
