# attack: raise the limits again that it was given
# earns: 100
# stopped by: few system calls (seccomp); resource limits, whose hard ones cannot be raised
import resource

from honest import *

for what in range(16):
    try:
        soft, hard = resource.getrlimit(what)
        wider = resource.RLIM_INFINITY if hard != resource.RLIM_INFINITY else 1 << 40
        resource.setrlimit(what, (wider, wider))
        print("GOT limit", what)
    except (OSError, ValueError):
        pass
    try:
        resource.setrlimit(what, (soft, hard))
        print("GOT to set limit", what)
    except (OSError, ValueError):
        pass
