"""autodriver against those who mean it ill: a caller, who must not become root, and a job, which must end."""

from __future__ import annotations

import pytest
from autodriver_house import CALLER_UID, House

CALL = "as autolab autodriver $OPTIONS autolab"
SHORT = "-u 40 -f 104857600 -t 1 -o 1024000"
TIMED_OUT = b"Autodriver: Job timed out after 1 seconds\n"
UNTIL_GONE = 'while [ -n "$(running)" ]; do sleep 0.1; done'
UNTIL_GO = "touch /tmp/started; while [ ! -e /tmp/go ]; do sleep 0.1; done; echo done"
UNTIL_STARTED = "while [ ! -e /tmp/started ]; do sleep 0.1; done"


def python(program: str, first: str = "") -> dict[str, str | bytes]:
    """Return a job that is a Python program; `first` is a line of shell before it."""
    return {"Makefile": f"all:\n\t@{first or ':'}; exec /usr/bin/python3 job.py\n", "job.py": program}


# ---- the command line


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("", "one DIRECTORY is needed beside the options"),
        ("-u 1 -f 1 -t 1 -o 1", "one DIRECTORY is needed beside the options"),
        ("-u 1 -f 1 -t 1 -o 1 autolab output", "one DIRECTORY is needed beside the options"),
        ("-u -1 -f 1 -t 1 -o 1 autolab", 'option -u: "-1" is not a whole number from 0 to 4294967295'),
        ("-u 4294967296 autolab", 'option -u: "4294967296" is not a whole number from 0 to 4294967295'),
        ("-u 1 -f 1k -t 1 -o 1 autolab", 'option -f: "1k" is not a whole number from 0 to 1125899906842624'),
        ("-u 1 -f 1 -t 18446744073709551617 -o 1 autolab", 'option -t: "18446744073709551617" is not a'),
        ("-u 1 -f 1 -t 1 -o '' autolab", 'option -o: "" is not a whole number'),
        ("-u 1 -f 1 -t 1 -o", "option -o needs a value"),
        ("autolab --timeout", "option -t needs a value"),
        ("-x -u 1 -f 1 -t 1 -o 1 autolab", "there is no option -x"),
        ("--nprocs 1 autolab", 'there is no option "--nprocs", or it is short for several'),
        ("--time 1 autolab", 'there is no option "--time", or it is short for several'),
        ("-u 1 -f 1 -t 1 -o 1 ''", '"" cannot be DIRECTORY'),
        ("-u 1 -f 1 -t 1 -o 1 .", '"." cannot be DIRECTORY'),
        ("-u 1 -f 1 -t 1 -o 1 ..", '".." cannot be DIRECTORY'),
        ("-u 1 -f 1 -t 1 -o 1 /home/autolab", '"/home/autolab" cannot be DIRECTORY'),
        ("-u 1 -f 1 -t 1 -o 1 autolab/", '"autolab/" cannot be DIRECTORY'),
        ("-u 1 -f 1 -t 1 -o 1 output/../autolab", '"output/../autolab" cannot be DIRECTORY'),
        ("-u 1 -f 1 -t 1 -o 1 output.log", '"output.log" cannot be DIRECTORY'),
        ("-u 1 -f 1 -t 1 -o 1 \"$(printf 'a\\nb\\033/')\"", '"a?b?/" cannot be DIRECTORY'),
    ],
)
def test_a_wrong_command_line_is_named(house: House, arguments: str, sentence: str) -> None:
    """Status 1, a sentence and the usage; nothing is touched."""
    script = f"as autolab autodriver {arguments} 2>&1; echo $?; ls -d autolab; ls -A autograde"
    first, *_, status, folder = house.shell(script).splitlines()
    assert first.startswith(f"autodriver: {sentence}")
    assert (status, folder) == ("1", "autolab")


def test_help_is_no_error(house: House) -> None:
    """-h prints the usage and runs nothing."""
    usage = house.shell("as autolab autodriver -h && ls -d autolab")
    assert usage.startswith("usage: autodriver [-u PROCESSES]")
    assert usage.endswith("autolab\n")


@pytest.mark.parametrize(
    ("call", "status", "sentence"),
    [
        ("autodriver $OPTIONS autolab", 1, "root must not run this program"),
        ("as autograde autodriver $OPTIONS autolab", 1, "user autograde must not run this program"),
        (f"chmod 755 bin/autodriver; {CALL}", 3, "this program is not setuid root"),
        (f"mount -o remount,nosuid /home; {CALL}", 3, "this program is not setuid"),
        ("setpriv --no-new-privs su autolab -c 'autodriver $OPTIONS autolab'", 3, "setuid programs are"),
        ("sed /autograde/d /etc/passwd >p; cat p >/etc/passwd; drive; cat output/feedback; (exit $status)", 3,
         "there is no user autograde"),
        (f"chmod 777 autograde; {CALL}", 3, "/home/autograde must belong to user"),
        (f"chown autolab autograde; {CALL}", 3, "/home/autograde must belong to"),
        (f"rmdir autograde; ln -s output autograde; {CALL}", 3, "cannot open /home/a"),
        (f"mount --bind /dev/null /usr/bin/make; {CALL}", 3,
         "cannot start the job, cannot run make: "),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused(house: House, call: str, status: int, sentence: str) -> None:
    """With the status of whoever's fault it is, in a sentence, and without a header."""
    lines = house.shell(f"({call}) 2>&1; echo $?").splitlines()
    assert lines[0].startswith(f"autodriver: {sentence}"), lines
    assert lines[1:] == [str(status)]


# ---- the caller


@pytest.mark.parametrize(
    ("lay", "sentence"),
    [
        ("rm -r autolab; ln -s secret autolab", "it is not a folder, or a symbolic link"),
        ("rm -r autolab; ln -s output autolab", "it is not a folder, or a symbolic link"),
        ("rm -r autolab; echo x >autolab; chown autolab autolab", "it is not a folder, or a symbolic link"),
        ("rm -r autolab", "No such file or directory"),
        ("chown root autolab", 'the folder "autolab" is not yours'),
        ("chown daemon autolab", 'the folder "autolab" is not yours'),
        ("ln secret/file autolab/link", '"link" belongs to another user, or is root\'s and'),
        ("mkdir autolab/a; ln secret/file autolab/a/link", '"link" belongs to another user, or is root\'s'),
        ("cp secret/file autolab/x; chown daemon autolab/x", '"x" belongs to another user'),
        ("mkdir autolab/x; chown daemon autolab/x", '"x" belongs to another user'),
        ("mkfifo autolab/x", '"x" is neither a file, a folder nor a link'),
        ("mknod autolab/x c 1 3", '"x" is neither a file, a folder nor a link'),
        ("mkdir autolab/x; mount -t tmpfs tmpfs autolab/x", '"x" is on another file system'),
        ("cd autolab; for i in $(seq 80); do mkdir d; cd d; done; cd /home", '"d" lies too deep'),
        ("mount -t tmpfs -o size=64k tmpfs autograde; chown autograde: autograde; chmod 755 autograde; "
         "head -c 999999 /dev/zero >autolab/big", 'cannot copy "big": No space left on device'),
    ],
)  # fmt: skip
def test_a_folder_that_hides_something_is_refused(house: House, lay: str, sentence: str) -> None:
    """Status 3; what it would have got at has its owner and mode still, and the folder is left as it was."""
    before = f"mkdir -m 700 secret; echo secret >secret/file; chmod 600 secret/file; {lay}"
    before += "; find autolab >before 2>&1"
    after = """find autolab 2>&1 | cmp - before; ls -A autograde
        stat -c '%U %a' secret secret/file; cat secret/file"""
    driven = house.drive("echo ran; cat link a/link", before=before, after=after)
    assert driven.status == 3
    assert sentence in driven.feedback.decode()
    assert driven.feedback.count(b"\n") == 1
    assert driven.seen == "root 700\nroot 600\nsecret\n"


def test_links_in_the_folder_are_links_still(house: House) -> None:
    """To a file, a folder, outside and in a circle: none is followed; what is behind keeps its owner."""
    before = """mkdir -m 700 secret; echo secret >secret/file; chmod 600 secret/file
        ln -s /home/secret/file autolab/a; ln -s /home/secret autolab/b; ln -s . autolab/c
        ln -s /etc/shadow autolab/d; echo own >autolab/own; ln autolab/own autolab/twin
        chown autolab autolab/own; stat -c '%u %a' /etc/shadow"""
    job = "cat a d; ls b; cat own twin; stat -c '%u %F' a b c d own | sed \"s/^$(id -u) /own /\""
    after = "stat -c '%U %a' secret secret/file; stat -c '%u %a' /etc/shadow"
    driven = house.drive(job, before=before, after=after)
    log = driven.log.decode()
    assert log.count("Permission denied") == 3
    assert log.endswith("own\nown\n" + "own symbolic link\n" * 4 + "own regular file\n")
    shadow, *rest = driven.seen.splitlines()
    assert rest == ["root 700", "root 600", shadow]


def test_the_caller_can_neither_end_nor_stop_it(house: House) -> None:
    """Else a job could be left running, or its time stand still."""
    command = f"""as autolab autodriver $OPTIONS autolab >output/feedback 2>&1 & pid=$!
        {UNTIL_STARTED}
        for signal in KILL STOP TERM INT; do for process in $(pgrep -x autodriver; pgrep -x sanitized); do
            as autolab kill -$signal $process 2>&1 | grep -c permitted; done; done | sort -u
        touch /tmp/go; wait $pid; status=$?"""
    driven = house.drive(UNTIL_GO, command=command)
    assert (driven.status, driven.log, driven.seen) == (0, b"done\n", "1\n")


MEDDLING = """
import os, signal, sys
for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN if number not in (SKIP) else signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
signal.setitimer(signal.ITIMER_REAL, 0.2)
signal.setitimer(signal.ITIMER_PROF, 0.01)
signal.setitimer(signal.ITIMER_VIRTUAL, 0.01)
os.dup2(os.open("/dev/null", os.O_RDONLY), 77)
if os.fork() == 0:
    os.closerange(0, 3)
    signal.pause()
os.execv("/home/bin/autodriver", ["autodriver", *sys.argv[1:]])
"""


def test_signals_timers_children_and_descriptors_of_the_caller(house: House) -> None:
    """Blocked, ignored, set to go off, left running, left open: nothing of it reaches the run or the job."""
    before = f"cat >meddle.py <<'END'\n{MEDDLING.replace('SKIP', '')}\nEND"
    command = """status=0
        as autolab /usr/bin/python3 meddle.py $OPTIONS autolab >output/feedback 2>&1 || status=$?
        pkill python3"""
    job = "sleep 0.5; grep SigBlk /proc/self/status; ls /proc/self/fd; kill -TERM $$; echo not ended"
    driven = house.drive(job, before=before, command=command)
    expected = "SigBlk:\t0000000000000000\n0\n1\n2\n3\n"
    assert driven.status == 0
    assert driven.log.decode().startswith(expected + "make: ")
    assert "not ended" not in driven.log.decode()


@pytest.mark.parametrize("signal", ["TERM", "INT", "HUP", "QUIT"])
def test_asked_to_stop_it_ends_the_job_and_cleans_up(house: House, signal: str) -> None:
    """Status 3 and a sentence; nothing runs on and nothing is left."""
    command = f"first_process; {UNTIL_STARTED}; kill -{signal} $first; wait $first; status=$?"
    job = "setsid sleep 1000 & touch /tmp/started; sleep 1000"
    driven = house.drive(job, command=command, after="running; ls -A autograde /tmp")
    assert driven.status == 3
    assert driven.feedback.startswith(b"autodriver: stopped by a signal (")
    assert driven.seen == "/tmp:\n\nautograde:\n"


def test_what_the_caller_ignores_does_not_stop_it(house: House) -> None:
    """As under nohup."""
    command = f"""trap '' HUP; drive & {UNTIL_STARTED}
        pkill -HUP -f '^autodriver -u'; touch /tmp/go; wait $!; status=$?"""
    driven = house.drive(UNTIL_GO, command=command)
    assert driven.log == b"done\n"


@pytest.mark.parametrize("which", ["$first", "$(pgrep -P $first)"], ids=["first", "second"])
def test_ended_by_force_it_takes_the_job_along(house: House, which: str) -> None:
    """Root may kill either of its processes: the job ends all the same, and the next run finds its way."""
    command = f"""first_process; {UNTIL_STARTED}; kill -KILL {which}; wait; {UNTIL_GONE}
        while pgrep -u root -f '^autodriver -u' >/dev/null; do sleep 0.1; done
        mkdir -p autolab; printf 'all:\\n\\t@echo second\\n' >autolab/Makefile
        chown -R autolab: autolab; drive"""
    job = "trap '' TERM INT HUP; setsid sleep 1000 & touch /tmp/started; sleep 1000"
    driven = house.drive(job, command=command, after="ls -A autograde")
    assert (driven.status, driven.log, driven.seen) == (0, b"second\n", "")


def test_it_prints_as_the_caller(house: House) -> None:
    """By then there is nothing left that root is needed for."""
    command = """(drive; echo $status >/run/status) & while [ ! -e output/feedback ]; do sleep 0.1; done
        exec 5<output/feedback; until pgrep -u autolab -f '^autodriver -u' >/run/pid; do sleep 0.1; done
        grep -E '^(Uid|Gid|CapEff)' /proc/$(cat /run/pid)/status; cat <&5 >whole
        while [ ! -s /run/status ]; do sleep 0.1; done; status=$(cat /run/status); mv whole output/feedback"""
    before = "mkfifo output/feedback; chmod 666 output/feedback"
    driven = house.drive("yes | head -c 300000", before=before, command=command)
    uid, gid, capabilities = (line.split()[1:] for line in driven.seen.splitlines())
    assert (uid, gid, capabilities) == ([str(CALLER_UID)] * 4, [str(CALLER_UID)] * 4, ["0" * 16])
    assert (driven.status, len(driven.log)) == (0, 300_000)


def test_only_one_runs_at_a_time(house: House) -> None:
    """A second one would end the first one's job: it is refused, and the first goes on."""
    command = f"""drive & {UNTIL_STARTED}
        mkdir other; chown autolab: other; as autolab autodriver $OPTIONS other 2>&1; echo $?
        touch /tmp/go; wait $!; status=$?"""
    driven = house.drive(
        "touch /tmp/started; while [ ! -e /tmp/go ]; do sleep 0.1; done; echo done", command=command
    )
    assert driven.seen == "autodriver: another autodriver is at work: wait until it has ended\n3\n"
    assert driven.log == b"done\n"


# ---- the job

STUBBORN = """
import os, signal, time
for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
    signal.signal(number, signal.SIG_IGN)
print("here", flush=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setpgid(0, 0)
        while True:
            time.sleep(0.01)
            os.write(1, b"still here\\n")
    os._exit(0)
"""
BOMB = """
import os
while True:
    try:
        if os.fork() and os.fork():
            os.setsid()
    except OSError:
        pass
"""
# Each of them tries to be the last one alive, and to stop or end whoever comes to end it.
FIGHT = """
import os, signal
os.setsid()
for _ in range(6):
    os.fork()
signals = (signal.SIGSTOP, signal.SIGCONT) if os.getpid() % 2 else (signal.SIGCONT,)
while True:
    for number in signals:
        os.kill(-1, number)
    try:
        os.fork()
    except OSError:
        pass
"""


@pytest.mark.parametrize("program", [STUBBORN + "time.sleep(1000)", BOMB, FIGHT, "while True: pass"])
def test_at_the_end_of_its_time_all_of_it_ends(house: House, program: str) -> None:
    """Daemons, those that ignore every signal, those that multiply, those that fight back."""
    driven = house.drive(python(program), options=SHORT, after="running; ls -A autograde")
    assert driven.status == 2
    assert driven.feedback.startswith(TIMED_OUT)
    assert driven.seen == ""


def test_what_make_leaves_running_ends_with_it(house: House) -> None:
    """A daemon is not waited for; and nothing that it might still print can follow."""
    driven = house.drive(python(STUBBORN), after="wc -c <output/feedback; running; ls -A autograde")
    assert driven.status == 0
    assert driven.log.startswith(b"here\n")
    assert driven.seen == f"{len(driven.feedback)}\n"


def test_a_job_that_kills_all_it_may_kills_itself(house: House) -> None:
    """autodriver and its caller are beyond its reach."""
    driven = house.drive("kill -KILL -1; sleep 1; echo alive")
    assert (driven.status, driven.feedback) == (
        0,
        b"autodriver: make was ended by a signal (Killed)\nAutodriver: Job exited with status 0\n",
    )


def test_deep_and_crowded_folders_are_removed(house: House) -> None:
    """Deeper than any path may be long, more than any list holds, in each folder that all may write to."""
    program = """
import os
for top in ("/tmp", "/var/tmp", "/dev/shm", os.environ["HOME"]):
    os.chdir(top)
    for depth in range(700):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    os.mkdir("locked", 0)
    os.chdir(top)
    for number in range(3000):
        open(f"file {number}", "w").close()
"""
    driven = house.drive(python(program), after="find /tmp /var/tmp /dev/shm -mindepth 1; ls -A autograde")
    assert (driven.status, driven.log, driven.seen) == (0, b"", "")


def test_cleaning_follows_no_link_out(house: House) -> None:
    """Links of the job's to what is not its own are removed themselves, and nothing behind them."""
    before = """mkdir -m 777 /home/open; echo kept >/home/open/file; chmod 666 /home/open/file
        mkdir -m 755 /tmp/closed; echo kept >/tmp/closed/file"""
    job = """ln -s /home/open /tmp/one; ln -s /home/open ~/two; ln -s /tmp/closed ~/three
        mkdir -m 777 /tmp/shared; ln -s /home/open /tmp/shared/four"""
    driven = house.drive(job, before=before, after="cat open/file /tmp/closed/file; ls /tmp autograde open")
    assert driven.seen == "kept\nkept\n/tmp:\nclosed\n\nautograde:\n\nopen:\nfile\n"


def test_what_cannot_be_removed_is_told_before_the_log(house: House) -> None:
    """Another user's file below a folder of the job's: the last line and the status stay the job's."""
    job = (
        "mkdir -m 777 /tmp/shared; touch /tmp/started; while [ ! -e /tmp/go ]; do sleep 0.1; done; echo last"
    )
    command = f"""drive & {UNTIL_STARTED}; mkdir /tmp/shared/ours
        touch /tmp/shared/ours/file /tmp/go; wait $!; status=$?"""
    driven = house.drive(job, command=command, after="find /tmp/shared -type f")
    notice = b"autodriver: some files of user autograde could not be removed\n"
    assert driven.feedback == notice + b"Autodriver: Job exited with status 0\nlast\n"
    assert driven.seen == "/tmp/shared/ours/file\n"
