"""The grader's side of the trust boundary: starts zygotes and jobs, converses with them, ends them."""
