# attack: outlive its processor time by ignoring the warning, where the clock leaves it enough time
# earns: 0
# honest: no
# stopped by: resource limits (the hard limit on processor seconds)
# call_s: 25
import signal

signal.signal(signal.SIGXCPU, signal.SIG_IGN)
while True:
    pass
