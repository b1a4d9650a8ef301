"""nbgrader's settings for this course: the only thing that its commands need to know."""

import os
import sys
import warnings
from functools import partial
from pathlib import Path

import nbgrader

from autograder.carrier.locked import refuse_a_locked_gradebook

HERE = Path(__file__).resolve().parent

c = get_config()  # noqa: F821  # nbgrader runs this file with `get_config` in scope

# nbgrader's own way with its database; nothing that an instructor could mend.
warnings.filterwarnings("ignore", message=r"Object of type <\w+> not in session")

# nbgrader calls `alembic` by its name, also where the environment was not activated, as in a Jupyter server of a hub.
BIN = str(Path(sys.executable).parent)
if BIN not in os.environ["PATH"].split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([BIN, os.environ["PATH"]])

c.CourseDirectory.course_id = "unstuck"
c.CourseDirectory.root = str(HERE)
c.CourseDirectory.source_directory = "assignments"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", ".pytest_cache", "feedback", "handout.md"]

c.ExchangeFactory.collect = "autograder.carrier.collect.CollectHandIns"
c.ExchangeFactory.release_feedback = "autograder.carrier.release.ReleaseFeedback"

c.ExportApp.plugin_class = "autograder.carrier.export.ExportGrades"

# Late work costs nothing until c.LatePenalty sets a rule: docs/systems.md.
c.AssignLatePenalties.plugin_class = "autograder.carrier.late.LatePenalty"

# A locked gradebook is said at once.
c.Autograde.pre_convert_hook = partial(refuse_a_locked_gradebook, HERE)
c.Autograde.exporter_class = "autograder.carrier.exporter.SubmissionExporter"
# nbgrader's own steps, with ours first: after it no metadata is the student's.
c.Autograde.sanitize_preprocessors = [
    "autograder.carrier.restore.RestoreCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# nbgrader's own steps, with ours where the notebook would be executed.
c.Autograde.autograde_preprocessors = [
    "autograder.carrier.grade.GradeSubmission",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "autograder.carrier.late.PenaliseLateWork",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# nbgrader's own steps, with ours first; its page without a script and without the network.
c.GenerateFeedback.preprocessors = [
    "autograder.carrier.pictures.AddPictures",
    "nbgrader.preprocessors.GetGrades",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
c.GenerateFeedback.exporter_class = "autograder.carrier.pages.FeedbackExporter"
# A module that a student hands in stays theirs in autograded/ and in feedback/.
c.Autograde.exclude_overwriting = {
    folder.name: [f"{folder.name}.py"] for folder in (HERE / "assignments").iterdir() if folder.is_dir()
}

# formgrader's pages with a MathJax that the Jupyter server brings: theirs comes from the network.
c.HTMLExporter.extra_template_basedirs = [
    str(HERE / "autograder" / "carrier" / "templates"),
    str(Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"),
]
