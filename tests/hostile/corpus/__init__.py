"""The corpus: hostile and broken submissions by family, as data."""

from corpus.attack import Attack
from corpus.cheating import CHEATING
from corpus.exhausting import EXHAUSTING
from corpus.forging import FORGING
from corpus.reaching import REACHING
from corpus.reading import READING
from corpus.telling import TELLING

FAMILIES: dict[str, dict[str, Attack]] = {
    "Reading": READING,
    "Cheating": CHEATING,
    "Forged replies": FORGING,
    "Exhaustion": EXHAUSTING,
    "Reaching out": REACHING,
    "Feedback": TELLING,
}
ATTACKS: dict[str, Attack] = {name: attack for family in FAMILIES.values() for name, attack in family.items()}
