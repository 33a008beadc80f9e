"""Commands of the analysis package."""

import click

from analysis.behind.agreement.agreement_command import agreement_command
from analysis.behind.controls.confounds_command import confounds_command
from analysis.behind.controls.controls_command import controls_command
from analysis.behind.labels.labels_command import labels_command
from analysis.behind.learning_curves.learning_curve_command import learning_curve_command
from analysis.behind.oddities.oddities_command import oddities_command
from analysis.chain.analyze_command import analyze_command
from analysis.chain.export_command import export_command
from analysis.chain.run_command import run_command
from analysis.chain.status_command import status_command
from analysis.chain.train_command import train_command
from analysis.chain.vote_command import vote_command
from analysis.evaluation.comparing.compare_command import compare_command
from analysis.evaluation.sure.sure_command import sure_command
from analysis.predicting.predict_command import predict_command
from analysis.recommending.evaluate_command import evaluate_command
from analysis.recommending.recommend_command import recommend_command
from analysis.records.record_command import record_command
from analysis.report.findings_command import findings_command
from analysis.report.report_command import report_command
from analysis.validation.validate_command import validate_command

COMMANDS: list[click.Command] = [
    analyze_command,
    train_command,
    vote_command,
    compare_command,
    predict_command,
    labels_command,
    oddities_command,
    controls_command,
    confounds_command,
    sure_command,
    learning_curve_command,
    agreement_command,
    recommend_command,
    evaluate_command,
    findings_command,
    run_command,
    status_command,
    export_command,
    report_command,
    record_command,
    validate_command,
]
