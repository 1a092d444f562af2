"""Runs AWS's command line, unchanged, once for each line of standard input: a JSON list of words.

Four fifths of the time of a call are those of loading the program. Here it is loaded once; each call is a copy of the
process (fork) that then runs the program's own file as Python would, with words, output and exit code of its own.
Standard output has a line for each call: its exit code (below zero: the signal that ended it), its output, its errors.
"""

import json
import os
import runpy
import signal
import sys
import tempfile
import traceback

import awscli.clidriver
import awscli.handlers


def run(program, words):
    sys.argv = [program, *words]
    try:
        runpy.run_path(program, run_name="__main__")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def call(program, seconds, words):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            signal.alarm(seconds)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            run(program, words)
        _, status = os.waitpid(child, 0)
        texts = [file.seek(0) or file.read().decode() for file in (out, err)]
    return [os.waitstatus_to_exitcode(status), *texts]


def main(program, seconds):
    for line in sys.stdin:
        print(json.dumps(call(program, int(seconds), json.loads(line))), flush=True)


main(*sys.argv[1:])
