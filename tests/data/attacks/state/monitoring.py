# attack: watch every line of the job by sys.monitoring, and by hooks for audits and allocations
# earns: 100
# stopped by: the grader makes scores of nothing but arrays
import sys
import tracemalloc

from honest import *

SECRETS = ("expected", "truth", "lookalikes", "points", "tolerance")


def hook(event, arguments):
    if event in ("exec", "import") and any(name in str(arguments) for name in SECRETS):
        print("GOT", event)


sys.addaudithook(hook)
if hasattr(sys, "monitoring"):
    tool = sys.monitoring
    tool.use_tool_id(1, "attack")
    tool.register_callback(1, tool.events.PY_RETURN, lambda code, at, value: print("GOT", value) if code.co_name in SECRETS else None)
    tool.set_events(1, tool.events.PY_RETURN)
tracemalloc.start(1)
