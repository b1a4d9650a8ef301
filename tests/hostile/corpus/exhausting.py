"""Exhaustion: time, threads, processes, memory, disk, output, descriptors, giant and recursive answers; crashes."""

from corpus.attack import Attack, MustNot, Without

DEADLINES = "deadlines on CPU and wall, kept by the grader"
WORKER = "only its own worker ends; the next check gets another"
LIMITS, SECCOMP, LANDLOCK = "rlimits", "seccomp", "Landlock"
DEPTH, SIZE = "a limit on depth", "a limit on the bytes of a reply"


def _ends(
    does: str,
    stopped_by: str,
    status: str = "failed",
    without: Without | None = Without.ONE_PROCESS,
    **more: bool | str,
) -> Attack:
    return Attack(does, MustNot.LOST, stopped_by, without, status=status, **more)  # type: ignore[arg-type]


def _hangs(does: str, beside: str = "", without: Without | None = Without.ONE_PROCESS) -> Attack:
    return Attack(does, MustNot.LOST, DEADLINES, without, status="timeout", beside=beside, slow=True)


def _taken(does: str, stopped_by: str) -> Attack:
    return Attack(f"{does}\nreturn 'granted'", MustNot.GRANTED, stopped_by)


TIME = {
    "loops": _hangs("while True: pass"),
    "sleeps": _hangs("time.sleep(600)"),
    "waits for itself": _hangs("lock = threading.Lock(); lock.acquire(); lock.acquire()"),
    "waits for a thread that never ends": _hangs("one = threading.Event(); one.wait()"),
    "stops itself": _hangs("signal.pthread_kill(threading.main_thread().ident, signal.SIGSTOP)"),
    "ignores every signal it can, and loops": _hangs(
        "[signal.signal(n, signal.SIG_IGN) for n in range(1, 32) if n not in (9, 19)]\nwhile True: pass"
    ),
    "masks every signal, and loops": _hangs("signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass"),
    "multiplies without end, in C": _hangs("return x * 7 ** (7 ** 9)"),
    "matches a pattern that backtracks without end, in C": _hangs("re.match(r'(a+)+$', 'a' * 40 + 'b')"),
    "sums without end, in C": _hangs("sum(range(10**13))"),
    "multiplies matrices without end, in torch": _hangs("a = torch.ones(3000, 3000)\nwhile True: a = a @ a"),
    "swallows every exception, and loops": _hangs(
        "while True:\n    try: raise KeyboardInterrupt\n    except BaseException: pass"
    ),
    "prints without end": _hangs("while True: print('passed' * 1000, flush=True)"),
    "answers with a sequence that never ends": _hangs(
        "return Endless()",
        "import itertools\nclass Endless(dict):\n    items = lambda self: (('a', 1) for _ in itertools.count())\n"
        "    __eq__ = lambda self, other: sum(1 for _ in itertools.count())\n",
    ),
    "hangs where its value is shown": _hangs(
        "raise Slow()", "class Slow(Exception):\n    def __str__(self):\n        while True: pass\n"
    ),
    "collects garbage that never ends": _hangs(
        "Undead(); gc.collect()\nreturn Undead()",
        "class Undead:\n    def __del__(self):\n        while True: pass\n",
    ),
}
ENDS = {
    "aborts": _ends("os.abort()", WORKER, "crashed"),
    "crashes the interpreter": _ends("ctypes.string_at(0)", WORKER, "crashed"),
    "ends its own process by a signal": _ends("signal.pthread_kill(threading.main_thread().ident, 9)", WORKER, "crashed"),
    "recurs without a limit": _ends(
        "sys.setrecursionlimit(10**9)\ndeep = lambda n: sum([deep(n + 1)])\ndeep(0)", WORKER, "crashed|timeout"
    ),
    "shows a nest of a million lists": _ends(
        "sys.setrecursionlimit(10**9)\nnest = []\nfor _ in range(10**6): nest = [nest]\nrepr(nest)", WORKER, "crashed|timeout"
    ),
    "frees memory that is not its own": _ends(
        "ctypes.memset(id(None), 0, 16)\nreturn None", WORKER, "crashed"
    ),
    "is interrupted": _ends("raise KeyboardInterrupt", "an exception is an answer to one check"),
    "raises what cannot be shown": _ends(
        "raise Mute", "an exception is an answer to one check", without=None,
        beside="class Mute(Exception):\n    def __str__(self): raise SystemExit\n",
    ),
    "raises what has no name": _ends(
        "raise Nameless", WORKER, "crashed", None,
        beside="class Meta(type):\n    __name__ = property(lambda cls: 1 / 0)\nclass Nameless(Exception, metaclass=Meta): pass\n",
    ),
    "empties the interpreter's modules": _ends("sys.modules.clear()\nreturn x * 0", "a process for each submission"),
    "removes the built-in functions": _ends("vars(builtins).clear()\nreturn x * 0", WORKER, "crashed"),
    "leaves another default dtype behind": _ends(
        "torch.set_default_dtype(torch.float64)\nreturn x * 0", "settings are put back before each check"
    ),
    "leaves gradients off": _ends("torch.set_grad_enabled(False)\nreturn x * 0", "settings are put back before each check"),
    "dies when the next check begins": _ends(
        "sys.modules['serve'].Worker._begin = lambda self, seed: os._exit(0)\nreturn x * 0",
        "a spoilt worker is replaced", without=None,
    ),
    "loops when the next check begins": _ends(
        "def spin(self, seed):\n    while True: pass\n"
        "sys.modules['serve'].Worker._begin = spin\nreturn x * 0",
        "a spoilt worker is replaced", without=None, slow=True,
    ),
    "eats memory when the next check begins": _ends(
        "sys.modules['serve'].Worker._begin = lambda self, seed: torch.ones(1 << 40)\nreturn x * 0",
        "settings are put back before each check", without=None,
    ),
}  # fmt: skip
OUTLIVES = "time.sleep(0.4); open('{folder}/outlived', 'w'); os._exit(0)"
PROCESSES = {
    "leaves a process behind": Attack(f"if os.fork() == 0: {OUTLIVES}", MustNot.CHANGED, SECCOMP),
    "leaves a process behind in a session of its own": Attack(
        f"if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: {OUTLIVES}\n    os._exit(0)", MustNot.CHANGED, SECCOMP
    ),
    "leaves a process behind (clone3)": Attack(
        f"if call(435, struct.pack('<11Q', 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0), 88) == 0: {OUTLIVES}", MustNot.CHANGED, SECCOMP
    ),
    "leaves a program behind": Attack(
        "subprocess.Popen(['/bin/sh', '-c', 'sleep 0.4; touch {folder}/outlived'], start_new_session=True)",
        MustNot.CHANGED, SECCOMP,
    ),
    "starts a pool of processes": Attack(
        "import multiprocessing\nwith multiprocessing.get_context('fork').Pool(2) as pool: pool.map(abs, [1])\nreturn 'granted'",
        MustNot.GRANTED, SECCOMP,
    ),
    "forks and forks": Attack(
        "for _ in range(20):\n    if os.fork() == 0: time.sleep(0.3); os._exit(0)\nreturn 'granted'", MustNot.GRANTED, SECCOMP
    ),
    "starts threads until it cannot": _ends(
        "while True: threading.Thread(target=time.sleep, args=(60,)).start()", LIMITS, without=None, harmful=True
    ),
}  # fmt: skip
MEMORY = {
    "maps memory without limit": _taken("mmap.mmap(-1, 1 << 33)", LIMITS),
    "maps memory through C": _taken(
        "libc = ctypes.CDLL(None); libc.malloc.restype = ctypes.c_void_p\n"
        "if not libc.malloc(ctypes.c_size_t(3 << 30)): raise OSError",
        LIMITS,
    ),
    "holds bytes without end": _taken("bytes(3 << 30)", LIMITS),
    "holds a tensor without end": _taken("torch.empty(3 << 30, dtype=torch.uint8)", LIMITS),
    "holds an array without end": _taken("import numpy\nnumpy.zeros(3 << 30, dtype='uint8')", LIMITS),
    "opens descriptors until it cannot": _taken("for _ in range(200): os.dup(0)", LIMITS),
    "eats memory piece by piece": _ends(
        "hoard = [torch.ones(1 << 25) for _ in range(1000)]", LIMITS, "failed|timeout", None, harmful=True
    ),
    "eats memory in one piece": _ends("torch.ones(1 << 40)", LIMITS, without=None, harmful=True),
    "eats memory from threads": _ends(
        "hoards = []\ndef eat():\n    while True: hoards.append(bytearray(1 << 24))\n"
        "crew = [threading.Thread(target=eat) for _ in range(4)]\n[one.start() for one in crew]; [one.join() for one in crew]\n"
        "return x * 0",
        LIMITS, "failed|crashed|timeout", None, harmful=True,
    ),
    "fills the disk": Attack(
        "with open('{folder}/filling', 'wb') as file:\n    for _ in range(4): file.write(bytes(1 << 20))",
        MustNot.CHANGED, "Landlock, rlimits",
    ),
    "fills the disk with a thousand small files": Attack(
        "for n in range(1000): open(f'{folder}/{n}', 'w').close()", MustNot.CHANGED, LANDLOCK
    ),
    "fills the machine's shared memory": Attack(
        "open('/dev/shm/{shm}-filling', 'wb').write(bytes(1 << 20))\nopen('{folder}/filled', 'w')", MustNot.CHANGED, LANDLOCK
    ),
}  # fmt: skip
ANSWERS = {
    "answers with a list that holds itself": _ends("loop = []; loop.append(loop)\nreturn loop", DEPTH, without=None),
    "answers with a nest of a million lists": _ends(
        "nest = []\nfor _ in range(10**6): nest = [nest]\nreturn nest", DEPTH, without=None
    ),
    "answers with ten million numbers": _ends("return [1] * 10**7", SIZE, "failed|crashed|timeout", None),
    "answers with a text of a hundred megabytes": _ends("return 'x' * 10**8", SIZE, without=None),
    "answers with a number of a hundred million bits": _ends("return 1 << 10**8", SIZE, "crashed", None),
    "answers with a tensor larger than any memory": _ends("return torch.zeros(()).expand(1 << 50)", LIMITS, without=None),
    "answers with a tensor of a hundred megabytes": _ends("return torch.zeros(10**8, dtype=torch.uint8)", SIZE, without=None),
    "answers with a type whose name is a hundred megabytes long": _ends(
        "return type('x' * 10**8, (), {})()", SIZE, without=None
    ),
    "raises a text of a hundred megabytes": _ends("raise ValueError('x' * 10**8)", SIZE, without=None),
    "raises an exception of a thousand bases": _ends(
        "kind = ValueError\nfor _ in range(1_000): kind = type('E', (kind,), {})\nraise kind", SIZE, without=None
    ),
    "raises a chain of exceptions without end": _ends(
        "error = ValueError()\nfor _ in range(10**5):\n    another = ValueError(); another.__cause__ = error; error = another\n"
        "raise error",
        "an exception is an answer to one check", without=None,
    ),
}  # fmt: skip
GPU = {"takes all memory of the GPU": Attack(
    "torch.empty(torch.cuda.mem_get_info()[0] // 2, dtype=torch.uint8, device='cuda')\nreturn 'granted'",
    MustNot.GRANTED, "Landlock: device files are closed to workers of other devices",
)}  # fmt: skip
EXHAUSTING = TIME | ENDS | PROCESSES | MEMORY | ANSWERS
