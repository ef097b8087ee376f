"""What results.json says: read in the grader, which runs nothing of it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.declaration import Files
from grader.records import Judged

RESULTS = "results.json"
KINDS = ("SimpleRNN", "LSTM", "GRU")
MOST_BYTES = 1 << 18
LEAST_SHARE, MOST_SHARE = 0.05, 0.5
SAME = 1e-3  # figures that were rounded to a tenth of a percent are the same
HOW = "The statement shows what results.json holds."


@dataclass(frozen=True)
class Unreadable:
    """Why results.json says nothing: the reason in one word, and in a sentence."""

    reason: str
    says: str

    def judged(self) -> Judged:
        """Return it as what came of a criterion."""
        return Judged(False, self.says, HOW, self.reason)


def claims(files: Files) -> Mapping[str, Any] | Unreadable:
    """Return what stands in results.json."""
    if RESULTS not in files:
        return Unreadable("missing", f"there is no {RESULTS} in this hand-in")
    path, content = files[RESULTS]
    if len(content) > MOST_BYTES:
        return Unreadable("broken", f"{path} has more than {MOST_BYTES >> 10} KiB and was not read")
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Unreadable("broken", f"{path} is not text in UTF-8")
    except json.JSONDecodeError as error:
        return Unreadable("broken", f"{path} cannot be read as JSON: {error.msg} in line {error.lineno}")
    except (ValueError, RecursionError):  # a number of thousands of digits, lists inside of lists
        return Unreadable("broken", f"{path} cannot be read as JSON")
    if not isinstance(found, dict):
        return Unreadable("broken", f"{path} is no JSON object {{...}}")
    return found


def of_kind(found: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """Return what is said of one model; nothing where that is no object."""
    models = found.get("models")
    said = models.get(kind) if isinstance(models, dict) else None
    return said if isinstance(said, dict) else {}


def share(value: object) -> float | None:
    """Return a share from 0 to 1, or one that is written in percent; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        return None
    return float(value) if value <= 1 else float(value) / 100


def validation(files: Files) -> Judged:
    """Whether a validation share is stated, and leaves enough to train on and enough to measure by."""
    found = claims(files)
    if isinstance(found, Unreadable):
        return found.judged()
    if "validation_share" not in found:
        return Judged(False, f'{RESULTS} has no "validation_share"', HOW, "missing")
    part = share(found["validation_share"])
    if part is None or not math.isfinite(part):
        return Judged(False, f'"validation_share" in {RESULTS} is no number from 0 to 1', HOW, "value")
    if not LEAST_SHARE <= part <= MOST_SHARE:
        return Judged(
            False,
            f"{part:.1%} of the training reviews were kept for validation",
            f"Keep between {LEAST_SHARE:.0%} and {MOST_SHARE:.0%}: of fewer, accuracy is too uncertain to "
            "choose by; of more, too few are left to train on.",
            "value",
        )
    return Judged(True, f"{part:.1%} of the training reviews were kept for validation")


def chosen(files: Files) -> Judged:
    """Whether each model is that of the epoch with the best validation accuracy, as far as can be seen."""
    found = claims(files)
    if isinstance(found, Unreadable):
        return found.judged()
    wrong, unseen, right = [], [], []
    for kind in KINDS:
        said = of_kind(found, kind)
        if not said:
            unseen.append(f"{kind} is not in {RESULTS}")
            continue
        epochs = _validated(said.get("epochs"))
        best = said.get("best_epoch")
        if not epochs or type(best) is not int:
            unseen.append(
                f"{kind} has no list of its epochs with their validation_accuracy, or no best_epoch"
            )
        elif not 1 <= best <= len(epochs):
            wrong.append(f"{kind} is said to be of epoch {best}, and {len(epochs)} are listed")
        elif epochs[best - 1] < max(epochs) - SAME:
            better = epochs.index(max(epochs)) + 1
            wrong.append(
                f"{kind} is of epoch {best}, with {epochs[best - 1]:.4f} on validation; epoch {better} has "
                f"{epochs[better - 1]:.4f}"
            )
        else:
            right.append(f"{kind} is of epoch {best} of {len(epochs)}")
    if wrong:
        hint = "Choose by the validation reviews, and measure what was chosen on the test reviews once."
        return Judged(False, "; ".join(wrong), hint, "value")
    if unseen:
        return Judged(None, f"a person looks how the models were chosen: {'; '.join(unseen)}")
    return Judged(True, f"chosen by validation: {'; '.join(right)}")


def _validated(epochs: object) -> list[float]:
    """Return the validation accuracy of each epoch; none where one of them has none."""
    if not isinstance(epochs, list):
        return []
    found = [share(one.get("validation_accuracy")) if isinstance(one, dict) else None for one in epochs]
    return [one for one in found if one is not None] if None not in found else []
