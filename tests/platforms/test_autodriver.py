"""autodriver as Tango uses it: what it runs, as whom, within which limits, what it prints and leaves.

Everything runs for real, with users and namespaces of its own (tests/support/autodriver_house.py); once as it
is installed, once with the sanitizers.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from autodriver_house import JOB_UIDS, OWN_UID, House

FINE = "Autodriver: Job exited with status 0"
LINE = "autodriver -u 100 -f 104857600 -t 600 -o 1024000 autolab > output/feedback 2>&1"
TANGO = f"su autolab -c '{LINE}'; status=$?"


def test_tangos_own_line_runs_make(house: House) -> None:
    """`su autolab -c "autodriver ..."` gives a header line and what make printed, and nothing else."""
    driven = house.drive("echo one; echo two >&2; echo three", command=TANGO)
    assert (driven.status, driven.feedback.decode()) == (0, f"{FINE}\none\ntwo\nthree\n")


def test_it_works_on_a_containers_file_system(house: House) -> None:
    """There the folder lies in a layer of the image, from which it cannot be renamed."""
    overlay = """
        mount -t tmpfs -o mode=755 tmpfs /mnt
        mkdir /mnt/lower /mnt/lower/autolab /mnt/lower/autolab/inner /mnt/work /mnt/upper
        mkdir /mnt/lower/autograde /mnt/lower/output
        echo from the image >/mnt/lower/autolab/inner/file
        chown -R autolab: /mnt/lower/autolab /mnt/lower/output; chown autograde: /mnt/lower/autograde
        cp -r autolab /mnt/handed
        mkdir /mnt/seen; mount --bind outside /mnt/seen
        mount -t overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work overlay /home
        cd /home; mkdir bin outside; mount --bind /mnt/seen outside
        cp outside/autodriver bin/; chmod 4755 bin/autodriver; cp -r /mnt/handed/. autolab/
    """
    driven = house.drive("cat inner/file", before=overlay, after="ls -A autograde; ls -d autolab 2>&1")
    assert (driven.status, driven.feedback.decode()) == (0, f"{FINE}\nfrom the image\n")
    assert driven.seen == "ls: cannot access 'autolab': No such file or directory\n"


def test_the_rights_that_docker_leaves_to_root_are_enough(house: House) -> None:
    """Its default capabilities, and no other."""
    rights = "chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot"
    less = f"""as() {{ user=$1; shift; setpriv --reuid $user --regid $user --clear-groups \
        --bounding-set -all,+{",+".join([*rights.split(), "mknod", "audit_write", "setfcap"])} env "$@"; }}"""
    driven = house.drive(
        "grep CapBnd /proc/self/status; mkdir ~/x; setsid sleep 9999 &",
        before=less,
        after="running; ls -A autograde",
    )
    assert (driven.status, driven.log, driven.seen) == (0, b"CapBnd:\t00000000a80425fb\n", "")


def test_makes_status_is_told_and_is_not_ours(house: House) -> None:
    """make itself ends with 2 when a command fails."""
    driven = house.drive("exit 3")
    assert (driven.status, driven.header) == (0, "Autodriver: Job exited with status 2")


@pytest.mark.parametrize(("signal", "name"), [("KILL", "Killed"), ("SEGV", "Segmentation fault")])
def test_a_kill_of_make_is_answered_as_tango_answers_it(house: House, signal: str, name: str) -> None:
    """Its header says status 0 then; which signal it was stands above, and the log is the last as ever."""
    driven = house.drive(f"echo last; kill -{signal} $PPID")
    said = f"autodriver: make was ended by a signal ({name})\n{FINE}\nlast\n"
    assert (driven.status, driven.feedback.decode()) == (0, said)


@pytest.mark.parametrize(
    "options",
    ["", "-u 0 -f 0 -t 0 -o 0", "--nproc=0 --fsize 0 --timeout 0 --osize=0", "-i 5 -z US/Eastern"],
)
def test_no_option_and_0_are_no_limit(house: House, options: str) -> None:
    """As Tango's: what is left out or 0 leaves the caller's limits, no end in time, and the output whole."""
    job = "ulimit -Su; ulimit -Sf; yes | head -c 3000000; env | grep -c AUTODRIVER; true"
    files = {"Makefile": "all:\n\t@bash ./job\n", "job": job}
    limited = """drive() { status=0; as autolab bash -c 'ulimit -Su 54321; ulimit -Sf 1234567
        exec autodriver $* autolab' x $OPTIONS >output/feedback 2>&1 || status=$?; }"""
    driven = house.drive(files, options=options, before=limited)
    assert (driven.status, driven.header) == (0, FINE)
    assert driven.log == b"54321\n1234567\n" + b"y\n" * 1_500_000 + b"0\n"


def test_the_command_line_is_read_as_tangos_is(house: House) -> None:
    """Long names, their beginnings, the last of two, the directory anywhere."""
    driven = house.drive(
        {"Makefile": "all:\n\t@bash ./job\n", "job": "ulimit -u; ulimit -f; env | grep AUTODRIVER; seq 9999"},
        command="status=0; as autolab autodriver -u 3 --nproc 17 autolab --fs=2048 --timeo 55 --osize 80 "
        ">output/feedback 2>&1 || status=$?",
    )
    assert driven.status == 0
    assert driven.log.startswith(b"17\n2\nAUTODRIVER_TIME_LIMIT_S=55\n")
    assert len(driven.log) == 80 + len("\n...[excess bytes elided]...\n")


def test_each_job_has_a_user_id_of_its_own(house: House) -> None:
    """The kernel counts processes by user id over the whole host: no two jobs share a count."""
    again = """for i in 1 2 3 4 5; do
            mkdir autolab; printf 'all:\\n\\t@id -u\\n' >autolab/Makefile; chown -R autolab: autolab
            drive; tail -n 1 output/feedback; stat -c %u autograde
        done"""
    driven = house.drive("id -u", after=again)
    lines = [int(line) for line in driven.seen.split()]
    drawn = [int(driven.log), *lines[::2]]
    assert all(uid in JOB_UIDS for uid in drawn)
    assert len(set(drawn)) > 1
    assert set(lines[1::2]) == {OWN_UID}


def test_others_processes_do_not_count_against_the_job(house: House) -> None:
    """More than -u allows run as autograde elsewhere on the host: the job has its number all the same."""
    others = [subprocess.Popen(["sleep", "600"], user=OWN_UID) for _ in range(12)]
    try:
        driven = house.drive("echo $(echo forked)", options="-u 6 -f 99999 -t 60 -o 9999")
    finally:
        for other in others:
            other.kill()
            other.wait()
    assert (driven.status, driven.log) == (0, b"forked\n")


def test_a_limit_that_others_use_up_is_named(house: House) -> None:
    """Where a job cannot even begin for it, the sentence says whose processes count and which option.

    No user id can be drawn here, since each is an account's: the job has autograde's own.
    """
    taken = 'for id in $(seq "$JOB_FIRST" "$JOB_LAST"); do echo "is$id:x:$id:$id::/:"; done >>/etc/passwd'
    others = [subprocess.Popen(["sleep", "600"], user=OWN_UID) for _ in range(2)]
    try:
        driven = house.drive("true", options="-u 1 -f 99999 -t 60 -o 9999", before=taken)
    finally:
        for other in others:
            other.kill()
        for other in others:
            other.wait()
    assert driven.status == 3
    assert driven.feedback.startswith(
        b"autodriver: cannot start the job, cannot run make, since other processes"
    )
    assert b"use up -u" in driven.feedback


def test_the_job_is_itself_and_nobody_else(house: House) -> None:
    """A fresh user in autograde's groups, in all its ids, with no capability and no way to get one; and it is
    alone in its session, with three channels open.
    """
    job = """
        grep -E '^(Uid|Gid|Groups|CapPrm|CapEff|CapAmb|NoNewPrivs|SigBlk|SigIgn):' /proc/self/status
        umask; pwd; ls /proc/self/fd; readlink /proc/self/fd/0
        test "$(ps -o sid= -p $PPID)" = "$(ps -o pid= -p $PPID)" && echo session
        (echo x >>../output.log) 2>/dev/null || echo sealed
    """
    driven = house.drive(
        job, before="sed 's/^games:.*/&autograde/' /etc/group >groups; cat groups >/etc/group"
    )
    *facts, mask, folder, zero, one, two, three, stdin, session, log, end = driven.log.decode().split("\n")
    fact = {name: text.split() for name, text in (line.split(":") for line in facts)}
    assert int(fact["Uid"][0]) in JOB_UIDS
    assert fact["Uid"] == fact["Uid"][:1] * 4
    assert fact["Gid"] == [str(OWN_UID)] * 4
    assert fact["Groups"] == sorted(["60", str(OWN_UID)], key=int)
    assert [int(fact[name][0], 16) for name in ("CapPrm", "CapEff", "CapAmb", "SigBlk")] == [0, 0, 0, 0]
    assert int(fact["SigIgn"][0], 16) & ~(3 << 31) == 0  # but for two signals that are the C library's own
    assert fact["NoNewPrivs"] == ["1"]
    assert [mask, folder] == ["0077", "/home/autograde/autolab"]
    assert [zero, one, two, three, stdin] == ["0", "1", "2", "3", "/dev/null"]  # 3 is ls's own
    assert [session, log, end] == ["session", "sealed", ""]


def test_the_environment_is_the_jobs_own(house: House) -> None:
    """Of a hostile caller's, nothing arrives; and nothing of it runs."""
    hostile = """
        echo 'echo caught' >evil.sh; printf 'all:\\n\\t@echo caught\\n' >evil.mk; mkdir evil
        for name in make sh mv; do printf '#!/bin/sh\\necho caught\\n' >evil/$name; chmod 755 evil/$name; done
    """
    command = """
        status=0
        as autolab PATH=/home/evil:$PATH LD_PRELOAD=/home/evil.so LD_LIBRARY_PATH=/home/evil IFS=/ \
            MAKEFLAGS=-n MAKEFILES=/home/evil.mk BASH_ENV=/home/evil.sh ENV=/home/evil.sh \
            HOME=/home/evil SHELL=/home/evil/sh GCONV_PATH=/home/evil TMPDIR=/home/evil LANG=evil \
            POSIXLY_CORRECT=1 MALLOC_CHECK_=3 \
            /home/bin/autodriver $OPTIONS autolab >output/feedback 2>&1 || status=$?
    """
    driven = house.drive({"Makefile": "all:\n\t@env\n"}, before=hostile, command=command)
    lines = dict(line.split("=", 1) for line in driven.log.decode().splitlines())
    assert driven.status == 0
    assert {name: text for name, text in lines.items() if not name.startswith(("MAKE", "MFLAGS", "_"))} == {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/home/autograde",
        "USER": "autograde",
        "LOGNAME": "autograde",
        "SHELL": "/bin/sh",
        "LANG": "C.UTF-8",
        "AUTODRIVER_TIME_LIMIT_S": "600",
        **({"PWD": lines["PWD"]} if "PWD" in lines else {}),
    }
    assert lines["MAKEFLAGS"] == ""


LIMITS = "for limit in Su Hu Sf Hf Sc Hc Sn Sv St; do ulimit -$limit; done"


def test_the_limits_are_those_of_the_command_line(house: House) -> None:
    """Processes, file bytes (512 to a block) and no core; the others are the caller's."""
    driven = house.drive(
        {"Makefile": "all:\n\t@bash ./job\n", "job": LIMITS},
        options="-u 17 -f 1048576 -t 60 -o 1000",
        before="ulimit -Sn 123; ulimit -St 999",
    )
    assert driven.log.split() == b"17 17 1024 1024 0 0 123 unlimited 999".split()


LOW = """
    drive() { status=0; as autolab bash -c 'exec 3>output/feedback; for limit in f:0 n:30 u:1; do
        ulimit -WHICH${limit%:*} ${limit#*:}; done; exec autodriver $0 $* autolab >&3 2>&3' $OPTIONS ||
        status=$?; }
"""


def test_low_limits_of_the_caller_do_not_stop_us_half_way(house: House) -> None:
    """No file, thirty descriptors, one process: we get to the end, and the job has what it was given."""
    driven = house.drive(
        "ulimit -f; head -c 4096 /dev/zero >file; ls -s file", before=LOW.replace("WHICH", "S")
    )
    assert (driven.status, driven.log) == (0, b"204800\n4 file\n")


def test_limits_that_cannot_be_raised_leave_nothing_behind(house: House) -> None:
    """Without the right to raise them (CAP_SYS_RESOURCE, which Docker withholds), nothing can be printed."""
    driven = house.drive("echo x", before=LOW.replace("-WHICH", "-"), after="running; ls -A autograde")
    assert driven.seen == ""
    bounds = Path("/proc/self/status").read_text().split("CapBnd:")[1].split()[0]
    may_raise = int(bounds, 16) & 1 << 24 != 0
    assert driven.status == (0 if may_raise else 3)


def test_what_is_moved_is_all_there(house: House) -> None:
    """Hidden and odd names, folders, links as links, modes and times: make decides by times."""
    files: dict[str, str | bytes] = {
        "Makefile": "all: new\n\t@sh ./look\nnew: old\n\t@echo made again\n",
        "look": "cat .hidden 'a b/c\nd'; readlink link; ./run\n"
        "stat -c '%u %Y' old | sed \"s/^$(id -u) /own /\"; stat -c %a only\n",
        ".hidden": "hidden\n",
        "a b/c\nd": "inner\n",
        "run": "#!/bin/sh\necho runs\n",
        "old": "",
        "new": "",
        "only": "",
    }
    lay = """cd autolab; chmod 755 run; chmod 400 only; ln -s nowhere/at/all link; touch -d @1000000000 old
        touch -d @1000000001 new; cd .."""
    driven = house.drive(files, before=lay)
    assert driven.log.decode() == "hidden\ninner\nnowhere/at/all\nruns\nown 1000000000\n400\n"


def test_nothing_is_left_and_a_second_run_works(house: House) -> None:
    """The home is empty and has its old mode, the job's files are gone everywhere; those of others stay."""
    job = """
        for folder in ~ /tmp /var/tmp /dev/shm; do
            cd $folder; mkdir -p a/b; touch a/b/c .h -- "-n" "x\ny"
            ln -s /home/keep link; mkfifo pipe; chmod 000 a/b a
        done
        touch /tmp/theirs/mine; ln /tmp/theirs/file /tmp/second 2>/dev/null
        chmod 000 ~; mv ../output.log ../renamed 2>/dev/null; echo done
    """
    before = """chmod 751 autograde; echo kept >keep; mkdir -m 777 /tmp/theirs; echo kept >/tmp/theirs/file
        touch /tmp/root; as autolab touch /var/tmp/autolab; ipcmk -M 100 -p 600 >/dev/null"""
    again = """ls -d autolab 2>/dev/null; stat -c %a autograde; ls -A autograde
        find /tmp /var/tmp /dev/shm -type f; cat keep
        mkdir autolab; printf 'all:\\n\\t@echo second\\n' >autolab/Makefile
        chown -R autolab: autolab
        drive; echo $status; cat output/feedback; ls -A autograde"""
    driven = house.drive(job, before=before, after=again)
    assert (driven.status, driven.log) == (0, b"done\n")
    first = "751\n/tmp/root\n/tmp/theirs/file\n/var/tmp/autolab\nkept\n"
    assert sorted(driven.seen[: len(first)].split()) == sorted(first.split())
    assert driven.seen[len(first) :] == f"0\n{FINE}\nsecond\n"


def test_shared_memory_and_semaphores_are_removed(house: House) -> None:
    """The job's, and only the job's."""
    driven = house.drive(
        "ipcmk -M 100 -p 000; ipcmk -S 2 -p 000; ipcmk -Q -p 000",
        before="as autolab ipcmk -M 100 >/dev/null; as autolab ipcmk -Q >/dev/null",
        after="tail -qn +2 /proc/sysvipc/shm /proc/sysvipc/msg /proc/sysvipc/sem | wc -l",
    )
    assert driven.log.count(b" id: ") == 3
    assert driven.seen == "2\n"


@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
def test_a_closed_channel_is_nothing_special(house: House, closed: str) -> None:
    """No file of ours comes to stand where a channel was."""
    command = f"status=0; as autolab autodriver $OPTIONS autolab >output/feedback {closed} || status=$?"
    driven = house.drive("echo out; echo err >&2", command=command, after="ls -A autograde")
    assert (driven.status, driven.feedback, driven.seen) == (0, f"{FINE}\nout\nerr\n".encode(), "")


@pytest.mark.parametrize("lost", [">&-", ">/dev/full", "</dev/null >&0"])
def test_output_that_is_lost_is_an_error(house: House, lost: str) -> None:
    """Closed, full, only to be read: the job has been run and cleaned up, and the caller is told."""
    command = f"status=0; as autolab autodriver $OPTIONS autolab 2>output/feedback {lost} || status=$?"
    driven = house.drive("echo out", command=command, after="ls -A autograde")
    assert (driven.status, driven.seen) == (3, "")
    assert driven.feedback.startswith(b"autodriver: cannot print the output: ")


def test_a_flood_is_cut_in_the_middle(house: House) -> None:
    """Header, the first half of the limit, one line, the last half: to the byte, NUL bytes and all."""
    flood = b"".join(b"%07d\0" % number for number in range(100_000))
    driven = house.drive(
        {"Makefile": "all:\n\t@cat flood; rm flood\n", "flood": flood},
        options="-u 9 -f 9999999 -t 60 -o 12345",
    )
    cut = flood[:6172] + b"\n...[excess bytes elided]...\n" + flood[-6173:]
    assert (driven.status, driven.header) == (0, FINE)
    assert driven.log == cut


def test_a_log_cannot_grow_beyond_the_file_limit(house: House) -> None:
    """The limit on files holds for the log too; what was printed until then is there."""
    driven = house.drive("yes | head -c 5000000; echo $?", options="-u 20 -f 100000 -t 60 -o 1000")
    assert driven.status == 0
    assert len(driven.log) == 1000 + len("\n...[excess bytes elided]...\n")
