# What Autolab does with a lab's Ruby file, without its database: written after `load_config_file` and `config_module` in
# app/models/assessment.rb, and `extend_config_module`, `saveAutograde` and `parseAutoresult` in
# app/helpers/assessment_autograde_core.rb (versions 2.11 to 3.0).
#
#   ruby autolab.rb LAB.rb < scenario.json     prints what the scores are afterwards, by submission
#
# A scenario: {"problems": [...], "submissions": [{"dave": "...", "scores": {"problem": points or null}}], "feedback": "...",
# "config_submission": 0}; config_submission is which of them the module knows as @submission, or null.
require "json"
require "tmpdir"

module AssessmentBase # lib/AssessmentBase.rb, as far as a lab sees it
  def assessmentInitialize(name, course) = nil
end
$LOADED_FEATURES << "AssessmentBase.rb"
module Kernel
  alias_method :ruby_require, :require
  def require(name) = name == "AssessmentBase.rb" ? true : ruby_require(name)
end

Problem = Struct.new(:id, :name)
Score = Struct.new(:problem_id, :score, :feedback, :released, :grader_id)

# A relation: what the hook may ask of one.
class Relation
  include Enumerable
  def initialize(all) = @all = all
  def each(&block) = @all.each(&block)
  def find_by(name:) = @all.find { |one| one.name == name }
end

class Submission
  ALL = []
  attr_reader :dave, :scores
  def initialize(dave, scores)
    @dave = dave
    @scores = Relation.new(@kept = scores)
    ALL << self
  end

  def self.where(dave:) = Relation.new(ALL.select { |one| one.dave == dave })

  def score_of(problem) # scores.find_or_initialize_by(problem_id:)
    found = @kept.find { |one| one.problem_id == problem.id }
    @kept << (found = Score.new(problem.id)) unless found
    found
  end
end

def config_module(path) # load_config_file: the first module that is named gets a name of its own
  source = File.read(path)
  RubyVM::InstructionSequence.compile(source)
  match = source.match(/module\s+(\w+)/)
  source = source.sub(match[0], "module UniqueName17")
  eval(source, TOPLEVEL_BINDING) # rubocop:disable Security/Eval
  Object.const_get("UniqueName17")
end

def extend_config_module(config, submission)
  methods = config.instance_methods
  config.module_eval do
    @submission = submission
    methods.each do |one|
      module_function(one)
      public one
    end
  end
end

def save_autograde(config, problems, submissions, feedback)
  lines = feedback.rstrip.lines
  raise "The Autograder returned no output" if lines.empty?

  parsed = JSON.parse(lines.last.gsub(/([a-zA-Z0-9]+):/, '"\1":'))
  scores = parsed["scores"] or raise "Missing 'scores' object in the autoresult"
  raise "Empty autoresult string" if scores.keys.empty?

  submissions.each do |submission|
    if config.instance_methods.include?(:modifySubmissionScores)
      begin
        scores = config.modifySubmissionScores(scores, Relation.new([]), problems)
      rescue StandardError => e
        feedback = "An error occurred while modifying submission scores:\nError message: #{e}\n\n---\n" + feedback
      end
    end
    missing = []
    scores.each_key do |key|
      problem = problems.find_by(name: key)
      next missing << key unless problem

      score = submission.score_of(problem)
      score.score = scores[key]
      score.feedback = feedback
      score.released = true
      score.grader_id = 0
    end
    raise "missing problems #{missing}" unless missing.empty?
  end
rescue StandardError => e
  problems.each do |problem|
    submissions.each do |submission|
      is_new = submission.scores.none? { |one| one.problem_id == problem.id }
      score = submission.score_of(problem)
      score.feedback = "An error occurred while parsing the autoresult returned by the Autograder: #{e}"
      score.score = 0 if is_new
    end
  end
end

scenario = JSON.parse($stdin.read)
problems = Relation.new(scenario["problems"].each_with_index.map { |name, i| Problem.new(i + 100, name) })
submissions = scenario["submissions"].map do |one|
  Submission.new(one["dave"], one["scores"].map { |name, score| Score.new(problems.find_by(name: name).id, score, "old", true, 7) })
end
config = config_module(ARGV[0])
known = scenario["config_submission"]
extend_config_module(config, known.nil? ? nil : submissions[known])
graded = submissions.select { |one| one.dave == submissions[0].dave }
save_autograde(config, problems, graded, scenario["feedback"])
print JSON.dump(submissions.map do |one|
  one.scores.to_h { |score| [problems.find { |p| p.id == score.problem_id }.name, [score.score, score.feedback[0, 3] == "old"]] }
end)
