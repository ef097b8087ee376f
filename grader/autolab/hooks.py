"""The lab's Ruby file: what Autolab asks a lab itself to decide."""

from __future__ import annotations

# As Autolab's own examples/hello/hello.rb, but for the hook. How Autolab calls it stands in saveAutograde and
# extend_config_module, app/helpers/assessment_autograde_core.rb: as a function of the module, whose
# @submission is the first of those that were graded; once for each member of a group, whose submissions
# share `dave` until the end. On importing, Autolab renames the first module that the file names.
_TEXT = """\
require "AssessmentBase.rb"

module {module}
  include AssessmentBase

  def assessmentInitialize(course)
    super("{name}", course)
    @problems = []
  end

  # Where the grader itself fails it says null: no score. A score that is there already, of an earlier grading
  # or given by a person, must not be lost to it. Autolab asks this since version 2.11.
  def modifySubmissionScores(scores, _previous_submissions, problems)
    return scores.compact if @submission.nil?
    key = @submission.dave.to_s
    graded = key.empty? ? [@submission] : ::Submission.where(dave: key).to_a
    there = graded.flat_map {{ |one| one.scores.to_a }}.reject {{ |one| one.score.nil? }}.map(&:problem_id)
    kept = problems.to_a.select {{ |one| there.include?(one.id) }}.map(&:name)
    scores.reject {{ |name, score| score.nil? && kept.include?(name) }}
  end
end
"""


def source(name: str) -> str:
    """Return the file for a lab of that name, which is letters and digits."""
    return _TEXT.format(module=name.capitalize(), name=name)
