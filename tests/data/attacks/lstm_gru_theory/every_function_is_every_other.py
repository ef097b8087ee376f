# attack: answer every question with what another one asked
# earns: 10
# stopped by: each output has a truth of its own
import honest

last = [0.0]


def remembered(*arguments):
    last.append(honest.dW_xz(*arguments) if len(last) < 2 else last[-1])
    return last[-1]


dW_xz = dW_hz = dW_xg = dW_hg = dW_xr = dW_hr = remembered
