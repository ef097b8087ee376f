#!/usr/bin/env bash
# Find the hand-ins that are to be graded: those that a pull request changes; on any other event, all.
#
# In:  HAND_INS, paths or patterns, one on each line; BASE_SHA, the base branch of a pull request
# Out: outputs `count`, `verdict` (yes, if there is anything to say at the end) and `folder`, a new folder; in that,
#      `hand-ins`: the paths, each ended by a NUL; and `refused`, if one that was handed in is none that can be graded
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
    # What a pull request's .gitmodules says of its submodules is not asked: it may be no such file, or hide them.
    git diff --quiet --no-ext-diff --ignore-submodules=none "$base" HEAD -- "${below[@]}" || status=$?
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

# entries COMMIT PATH: `MODE TYPE ID<TAB>PATH` of each file there, and of each submodule, ended by a NUL.
entries() {
    local below=()
    [[ $2 == . ]] || below=(":(top,literal)$2")
    git ls-tree -r -z --full-tree "$1" -- "${below[@]}"
}

declare -A in_base=() # what each file there holds, by its id

know_base() {
    local entry id
    ((${#in_base[@]} == 0)) || return 0
    while IFS= read -r -d '' entry; do
        read -r _ _ id _ <<<"${entry%%$'\t'*}"
        in_base[$id]=yes
    done < <(entries "$base" .)
}

# look_into PATH: sets `submodule` to the first that the pull request puts there, of which this repository has
# no file; and `is_copy`, if all that is there is in the base branch already, byte for byte, in whatever place.
look_into() {
    local entry mode id
    submodule='' is_copy=''
    know_base
    while IFS= read -r -d '' entry; do
        read -r mode _ id <<<"${entry%%$'\t'*}"
        if [[ ! ${in_base[$id]-} ]]; then
            is_copy=no
            [[ $mode != 160000 ]] || submodule=${submodule:-${entry#*$'\t'}}
        fi
    done < <(entries HEAD "$1")
    [[ $is_copy ]] || is_copy=yes
}

declare -A seen=()
found=()
refused='' submodule='' is_copy=''

consider() { # PATH
    local path=${1%/}
    path=${path#./}
    [[ -z ${seen[x$path]-} ]] || return 0
    seen[x$path]=yes
    [[ -z $base ]] || is_changed "$path" || return 0
    if is_link "$path"; then
        annotate warning "$(quoted "$path") is a link, or is reached through one: it is not graded."
        return
    fi
    [[ -z $base ]] || look_into "$path"
    if [[ $submodule ]]; then
        refused=yes
        annotate error "$(quoted "$submodule") is a git submodule: this repository has none of its files, so $(quoted "$path") cannot be graded. Hand in the files themselves: 'git rm --cached' the submodule, delete the file .git in its folder, and 'git add' the folder."
    elif [[ $is_copy == yes ]]; then
        annotate notice "$(quoted "$path") holds nothing but what the base branch has already, so it is not graded."
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
    done < <(git diff --name-only -z --no-renames --no-ext-diff --ignore-submodules=none --diff-filter=D "$base" HEAD)
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
[[ -z $refused ]] || touch "$folder/refused"
[[ -z $refused && ${#found[@]} == 0 ]] || set_output verdict yes
if ((${#found[@]})); then
    printf '%s\0' "${found[@]}" >"$folder/hand-ins"
    printf 'to be graded: %q\n' "${found[@]}"
elif [[ -z $refused ]]; then
    said='This changes no hand-in, so there is nothing to grade.'
    [[ $base ]] || said='There is no hand-in here, so there is nothing to grade.'
    annotate notice "$said"
    printf '%s\n' "$said" >>"$GITHUB_STEP_SUMMARY"
fi
