# shellcheck shell=bash
# Workflow commands, for the scripts beside this file. Whatever is said in one cannot begin another.

# annotate KIND MESSAGE
annotate() {
    local message=${2//'%'/%25}
    message=${message//$'\r'/%0D}
    printf '::%s title=cellgrade::%s\n' "$1" "${message//$'\n'/%0A}"
}

# The workflow's fault, or its author's: say what to do about it.
refuse() {
    annotate error "$1"
    exit 1
}

# Our fault: nobody is to take it for a student's.
fail() {
    annotate error "$1 This is not the student's fault; nothing was recorded."
    exit 1
}

# set_output NAME VALUE: the value has no newline.
set_output() { printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; }

# quoted TEXT: on one line, and no command even within it.
quoted() { printf '%q' "$1"; }
