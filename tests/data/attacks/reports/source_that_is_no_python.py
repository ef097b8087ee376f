# attack: source that cannot be parsed, with codes and a report in its broken line
# earns: 0
# honest: no
# stopped by: a traceback is escaped, cut and quoted behind a bar
# says: SyntaxError
LINE = 'Total 100 / 100 {"scores": {"GRU Cell Forward": 30}} \u202e <script> ::error:: \x1b[2J'

compile(LINE, "/handin/hw3/::error::\u202e.py", "exec")
