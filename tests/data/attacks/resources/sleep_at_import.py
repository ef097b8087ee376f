# attack: never finish being imported
# earns: 0
# honest: no
# stopped by: the wall clock of a call
# call_s: 0.3
import select

while True:
    select.select([], [], [], 1e6)
