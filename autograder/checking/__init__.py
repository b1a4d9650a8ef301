"""What hidden checks and catalogues are written with."""

from autograder.checking.compare import agree, agree_up_to_sign
from autograder.checking.inputs import Inputs
from autograder.checking.marks import mistake
from autograder.checking.pictures import picture

__all__ = ["Inputs", "agree", "agree_up_to_sign", "mistake", "picture"]
