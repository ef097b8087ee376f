#!/usr/bin/env bash
# Find the hand-ins that are to be graded: those that a pull request changes; on any other event, all.
#
# In:  HAND_INS, paths or patterns, one on each line; BASE_SHA, the base branch of a pull request
# Out: outputs `count` and `folder`, a new folder; in that, `hand-ins`: the paths, each ended by a NUL
set -euo pipefail
# shellcheck source=action/commands.sh
source "$(dirname "${BASH_SOURCE[0]}")/commands.sh"
shopt -s nullglob globstar extglob

cd "$GITHUB_WORKSPACE"
git() { command git -c safe.directory="$PWD" "$@"; } # in a container job, the checkout is another user's

# Sets `base`: what differs from there to HEAD is what the pull request changes.
find_base() {
    local head
    head=$(git rev-parse --verify --quiet 'HEAD^{commit}') ||
        refuse "There is no git checkout in the workspace: use actions/checkout before this action."
    # Unless told otherwise, actions/checkout checks out a merge of the pull request into its base branch.
    if [[ $head == "${GITHUB_SHA-}" ]]; then
        base=$(git rev-parse --verify --quiet 'HEAD^1^{commit}') && return
    fi
    base=$(git merge-base "${BASE_SHA:-none}" HEAD 2>/dev/null) ||
        refuse "For want of history it cannot be seen what this pull request changes: give actions/checkout 'fetch-depth: 2', or 0 if it checks out a 'ref' of your own."
}

# is_changed PATH: whether the pull request changes it, or anything below it.
is_changed() {
    local status=0 below=()
    [[ $1 == . ]] || below=(":(top,literal)$1")
    git diff --quiet --no-ext-diff "$base" HEAD -- "${below[@]}" || status=$?
    ((status < 2)) || fail "git could not compare $(quoted "$1") with the base branch."
    ((status == 1))
}

# is_link PATH: whether it leads elsewhere than it says, perhaps out of the checkout.
is_link() {
    local straight
    straight=$(realpath -- "$PWD")
    [[ $1 == . ]] || straight+=/$1
    [[ $(realpath -- "$1"; echo .) != "$straight"$'\n.' ]] # the dot keeps a newline at a path's end
}

declare -A seen=()
found=()

consider() { # PATH
    local path=${1%/}
    path=${path#./}
    [[ -z ${seen[x$path]-} ]] || return 0
    seen[x$path]=yes
    [[ -z $base ]] || is_changed "$path" || return 0
    if is_link "$path"; then
        annotate warning "$(quoted "$path") is a link, or is reached through one: it is not graded."
    else
        found+=("$path")
    fi
}

# Say which hand-ins the pull request deletes: those that matched before it.
consider_deleted() { # PATTERN
    local pattern=${1%/} file rest prefix depth i
    depth=${pattern//[^\/]/}
    while IFS= read -r -d '' file; do
        rest=$file/ prefix=''
        for ((i = 0; i <= ${#depth}; i++)); do
            prefix+=${rest%%/*}/ rest=${rest#*/}
        done
        prefix=${prefix%%+(/)}
        [[ $1 != */ || $prefix != "$file" ]] || continue # a folder was asked for, and this was a file
        # shellcheck disable=SC2053 # it is a pattern
        [[ $prefix == $pattern && ! -e $prefix && ! -L $prefix && -z ${seen[x$prefix]-} ]] || continue
        seen[x$prefix]=yes
        annotate notice "$(quoted "$prefix") is deleted here: there is nothing to grade in it."
    done < <(git diff --name-only -z --no-renames --no-ext-diff --diff-filter=D "$base" HEAD)
}

base=''
case $GITHUB_EVENT_NAME in
pull_request) find_base ;;
pull_request_target | workflow_run)
    refuse "On '$GITHUB_EVENT_NAME' a workflow has rights that should be nowhere near a student's code. Use 'pull_request'."
    ;;
esac

while IFS= read -r pattern; do
    pattern=${pattern##+([[:space:]])} pattern=${pattern%%+([[:space:]])}
    [[ $pattern ]] || continue
    [[ $pattern != /* && /$pattern/ != */../* ]] ||
        refuse "The path '$pattern' leads out of the checkout: name it from the top of the repository."
    IFS=''
    matches=("$pattern")
    # shellcheck disable=SC2206 # a pattern is meant to be expanded
    [[ -e $pattern || -L $pattern ]] || matches=($pattern)
    unset IFS
    for path in "${matches[@]}"; do
        [[ ! -e $path && ! -L $path ]] || consider "$path"
    done
    if [[ $base ]]; then
        consider_deleted "$pattern"
    elif ((${#matches[@]} == 0)); then
        refuse "Nothing matches the path '$pattern'."
    fi
done <<<"$HAND_INS"

folder=$(mktemp -d "$RUNNER_TEMP/cellgrade.XXXXXX")
set_output folder "$folder"
set_output count "${#found[@]}"
if ((${#found[@]})); then
    printf '%s\0' "${found[@]}" >"$folder/hand-ins"
    printf 'to be graded: %q\n' "${found[@]}"
else
    said='This changes no hand-in, so there is nothing to grade.'
    [[ $base ]] || said='There is no hand-in here, so there is nothing to grade.'
    annotate notice "$said"
    printf '%s\n' "$said" >>"$GITHUB_STEP_SUMMARY"
fi
