"""Thin Prefect flows and the command line around the pipeline.

Prefect reads its settings from the environment as soon as it is imported, and reports its use to its makers unless
told not to. Importing this package comes before importing Prefect, so the wishes are stated here; what the user has
set stands.
"""

import os

PREFECT_WISHES = {
    "DO_NOT_TRACK": "1",  # the SDK's usage reports
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",  # the server's
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "PREFECT_CLI_PROMPT": "false",  # nobody is there to answer
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",  # it goes past the handlers below, straight to the console
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",  # the console is ours; warnings go to the run's log
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",  # a first start on a slow machine
}

for _name, _value in PREFECT_WISHES.items():
    os.environ.setdefault(_name, _value)
