"""Reading: the disk, memory, frames, `/proc`, git history, the environment, descriptors, other students' work."""

from range_course import CHECKS_WORD, REFERENCE_WORD, SECRET, SLUG
from world import WORDS

from corpus.attack import Attack, MustNot, Without

LANDLOCK, SECCOMP = "Landlock", "seccomp"
FRESH = "a zygote that never held it"


def _file(does: str, word: str, stopped_by: str = LANDLOCK) -> Attack:
    return Attack(does, MustNot.READ, stopped_by, word=word)


def _memory(does: str, word: str, stopped_by: str = FRESH, **more: str) -> Attack:
    return Attack(does, MustNot.READ, stopped_by, Without.ONE_PROCESS, word, **more)  # type: ignore[arg-type]


def _another(does: str, place: str, stopped_by: str = SECCOMP) -> Attack:
    return Attack(does, MustNot.READ, stopped_by, word=WORDS[place])


DISK = {
    "imports the reference": _file(
        f"sys.path.insert(0, '{{root}}')\nimport solutions.{SLUG} as it\nreturn str(list(vars(it)))", REFERENCE_WORD
    ),
    "opens the reference": _file(f"return open('{{root}}/solutions/{SLUG}.py').read()", REFERENCE_WORD),
    "maps the reference into memory": _file(
        f"file = os.open('{{root}}/solutions/{SLUG}.py', os.O_RDONLY)\n"
        "return bytes(mmap.mmap(file, 0, prot=mmap.PROT_READ)).decode()",
        REFERENCE_WORD,
    ),
    "opens the reference by another system call (openat2)": _file(
        f"path = b'{{root}}/solutions/{SLUG}.py'\n"
        "return os.read(call(437, -100, path, struct.pack('<QQQ', 0, 0, 0), 24), 9000).decode()",
        REFERENCE_WORD,
    ),
    "opens the reference through C's own library": _file(
        "libc, text = ctypes.CDLL(None), ctypes.create_string_buffer(9000)\nlibc.fopen.restype = ctypes.c_void_p\n"
        f"file = libc.fopen(b'{{root}}/solutions/{SLUG}.py', b'r')\n"
        "libc.fread(text, 1, 8999, ctypes.c_void_p(file)) if file else None\nreturn text.value.decode()",
        REFERENCE_WORD,
    ),
    "loads the reference as a tensor": _file(
        f"path = '{{root}}/solutions/{SLUG}.py'\n"
        "return bytes(torch.from_file(path, size=100, dtype=torch.uint8).tolist()).decode()",
        REFERENCE_WORD,
    ),
    "reads byte code that was left of the reference": _file(
        "return str([open(path, 'rb').read() for path in glob.glob('{root}/solutions/__pycache__/*.pyc')])", REFERENCE_WORD
    ),
    "opens the hidden checks": _file(
        f"return open('{{root}}/autograder/hidden/{SLUG}/test_{SLUG}.py').read()", CHECKS_WORD
    ),
    "finds the checks by walking the disk": _file(
        f"places = [place for place, _, files in os.walk('{{root}}') if 'test_{SLUG}.py' in files]\n"
        f"return open(places[0] + '/test_{SLUG}.py').read()",
        CHECKS_WORD,
    ),
    "reads the catalogue of mistakes": _file(
        f"return open('{{root}}/autograder/hidden/{SLUG}/mistakes.py').read()", "gives x back as it came"
    ),
    "reads the course's secret": _file("return open('{root}/.autograder/secret').read()", SECRET),
    "reads another student's hand-in": _file("return open('{neighbour}').read()", WORDS["neighbour"]),
    "lists who else has handed in": _file("return str(os.listdir('{inbox}'))", "neighbour"),
    "reads a recorded grade": _file(
        "return str([open(path).read() for path in glob.glob('{root}/.autograder/records/*/*')])", WORDS["record"]
    ),
    "reads the gradebook": _file(
        "book = sqlite3.connect('file:{root}/gradebook.db?mode=ro&immutable=1', uri=True)\n"
        "return str(book.execute('select * from grade').fetchall())",
        WORDS["gradebook"],
    ),
    "reads the history of the repository": _file(
        "return str([zlib.decompress(open(path, 'rb').read()) for path in glob.glob('{root}/.git/objects/*/*')])",
        WORDS["history"],
    ),
    "reads the password file": _file("return open('/etc/passwd').read()", "root:"),
    "lists the root of the disk": _file("return str(os.listdir('/'))", "proc"),
}  # fmt: skip
PROC = {
    "lists the processes": _file("return str(os.listdir('/proc'))", "version"),
    "reads what its parent was started with": _file("return open(f'/proc/{os.getppid()}/cmdline').read()", "zygote.py"),
    "reads its own memory map": _file("return open('/proc/self/maps').read()", "[heap]"),
    "reads its own memory as a file": _file("os.open('/proc/self/mem', os.O_RDONLY)\nreturn 'granted'", "granted"),
    "reads the environment of another process": _another(
        "return open('/proc/{pid}/environ').read()", "environment", LANDLOCK
    ),
    "reads the memory of another process as a file": _another(
        "file = open('/proc/{pid}/mem', 'rb', 0)\nfile.seek({address})\nreturn file.read(64).decode(errors='replace')",
        "memory",
        LANDLOCK,
    ),
    "opens a deleted file that another process holds": _another(
        "return open('/proc/{pid}/fd/{descriptor}').read()", "deleted", LANDLOCK
    ),
    "looks into the folder of another process": _another(
        "return open('/proc/{pid}/cwd/own').read()", "folder", LANDLOCK
    ),
}
PROCESSES = {
    "reads the memory of another process (process_vm_readv)": _another(
        "there, here = struct.pack('<QQ', {address}, 64), ctypes.create_string_buffer(64)\n"
        "call(310, {pid}, struct.pack('<QQ', ctypes.addressof(here), 64), 1, there, 1, 0)\nreturn here.value.decode()",
        "memory",
    ),
    "reads the memory of another process as its debugger (ptrace)": _another(
        "call(101, 16, {pid}, 0, 0)\ncall(61, {pid}, 0, 0x40000000, 0)\nseen = b''\n"
        "for at in range(0, 64, 8):\n    word = ctypes.c_long()\n"
        "    call(101, 1, {pid}, {address} + at, ctypes.byref(word))\n    seen += struct.pack('<q', word.value)\n"
        "call(101, 17, {pid}, 0, 0)\nreturn seen.decode(errors='replace')",
        "memory",
    ),
    "takes a descriptor from another process (pidfd_getfd)": _another(
        "return os.pread(call(438, call(434, {pid}, 0), {descriptor}, 0), 64, 0).decode()", "deleted"
    ),
    "reads shared memory (POSIX)": _another("return open('/dev/shm/{shm}').read()", "shm", LANDLOCK),
    "reads shared memory (System V)": _another(
        "libc = ctypes.CDLL(None, use_errno=True)\nlibc.shmat.restype = ctypes.c_void_p\n"
        "at = libc.shmat(call(29, {sysv}, 64, 0), None, 0o10000)\nreturn ctypes.string_at(at).decode()",
        "sysv",
    ),
    "reads a message that waits for another (System V)": _another(
        "here = ctypes.create_string_buffer(200)\ncall(70, call(68, {sysv}, 0), here, 100, 0, 0o20000 | 0o4000)\n"
        "return here.raw.decode(errors='replace')",
        "message",
    ),
}
_WORDS_OF_OBJECTS = """
def words(things):
    start, seen = "word" + "_of_", set()
    for thing in things:
        for text in [thing, *gc.get_referents(thing)]:
            if type(text) is str and start in text:
                seen.add(text[:200])
            if type(text) is types.CodeType:
                seen.update(name for name in (*text.co_names, *map(str, text.co_consts)) if start in name)
    return str(seen)


def frames():
    frame = sys._getframe()
    while frame is not None:
        yield frame
        frame = frame.f_back


def readable(start, pages):
    libc = ctypes.CDLL(None, use_errno=True)
    for page in range(start, start + (pages << 12), 4096):
        ctypes.set_errno(0)
        libc.access(ctypes.c_void_p(page), 0)
        if ctypes.get_errno() != 14:  # as the name of a file: not EFAULT, so it can be read
            yield page
"""
MEMORY = {
    "searches every object that the collector knows": _memory(
        "return words(gc.get_objects())", CHECKS_WORD, beside=_WORDS_OF_OBJECTS
    ),
    "walks up the frames of its callers": _memory(
        "return words([item for f in frames() for item in (f.f_locals, f.f_globals, f.f_code)])",
        CHECKS_WORD,
        beside=_WORDS_OF_OBJECTS,
    ),
    "watches the frames of every thread from a thread of its own": _memory(
        "seen, code = [], [f.f_code for f in sys._current_frames().values()]\n"
        "def watch():\n    for frame in sys._current_frames().values():\n"
        "        while frame: seen.append(frame.f_globals); frame = frame.f_back\n"
        "one = threading.Thread(target=watch); one.start(); one.join()\nreturn words(seen)",
        CHECKS_WORD,
        beside=_WORDS_OF_OBJECTS,
    ),
    "looks for the reference among the loaded modules": _memory(
        "return words([vars(module) for module in list(sys.modules.values()) if hasattr(module, '__dict__')])",
        REFERENCE_WORD,
        beside=_WORDS_OF_OBJECTS,
    ),
    "asks the reference for its source through the interpreter's cache of lines": _memory(
        "import linecache, inspect\nfor name in ('reference', 'test_naive'):\n"
        "    module = sys.modules.get(name)\n    if module: return inspect.getsource(module)\n"
        "return str([entry[2] for entry in linecache.cache.values() if len(entry) > 2])[:50_000]",
        REFERENCE_WORD,
    ),
    "reads its pages one by one, inherited ones too": _memory(
        "words = set()\nfor page in readable((id(object()) >> 27) << 27, 1 << 15):\n"
        "    found = ctypes.string_at(page, 4096)\n    at = found.find(b'word' + b'_of_the_checks')\n"
        "    if at >= 0: words.add(found[at : at + 60])\nreturn str(words)",
        CHECKS_WORD,
        beside=_WORDS_OF_OBJECTS,
    ),
    "reads from every descriptor that it has": _memory(
        "seen = b''\nfor number in range(3, 1024):\n    try: seen += os.pread(number, 9000, 0)\n"
        "    except OSError: pass\nreturn seen.decode(errors='replace')",
        CHECKS_WORD,
        "descriptors closed at the fork",
    ),
    "reads the environment": _memory("return str(dict(os.environ))", SECRET, "an empty environment"),
    "reads the environment as C holds it": _memory(
        "environ, found = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), 'environ'), []\n"
        "while environ[len(found)]: found.append(environ[len(found)])\nreturn str(found)",
        SECRET,
        "an empty environment",
    ),
    "looks for what an earlier submission left in torch": _memory(
        "return str(getattr(torch, 'left_behind', ''))", WORDS["left"], "a process for each submission"
    ),
    "waits in torch for the work of the next student": Attack(
        "return str(getattr(torch, 'overheard', ''))", MustNot.READ, "a process for each submission", Without.ONE_PROCESS,
        WORDS["next"],
    ),
}  # fmt: skip
READING = DISK | PROC | PROCESSES | MEMORY
