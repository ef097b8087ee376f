# attack: print Autolab's JSON and commands of the CI in every call
# earns: 0
# stopped by: standard output is no channel; what it prints is quoted
import sys

SCORES = '{"scores": {"GRU Cell Forward": 30, "GRU Cell Backward": 70}, "scoreboard": [100]}'


class GRU_Cell:
    def __init__(self, *_):
        print(SCORES)
        print(f"\r\n{SCORES}", file=sys.stderr)
        print("::set-output name=points::100")
        print("::stop-commands::x\n##[command]echo\n##vso[task.complete result=Succeeded;]")
