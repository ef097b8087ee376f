#!/usr/bin/env bash
# End as the grading did, once all of it has been shown and kept. In: STATUS, from present.sh; empty if there was
# nothing to grade, though something was handed in
set -euo pipefail
# shellcheck source=action/commands.sh
source "$(dirname "${BASH_SOURCE[0]}")/commands.sh"

case $STATUS in
0) echo "Graded." ;;
1) refuse "A score is lower than this workflow asks for (its input 'fail-under')." ;;
2 | '') refuse "A hand-in could not be graded, and has no score: the errors above say which, and why." ;;
*) fail "The grader failed on a hand-in." ;;
esac
