"""Tables to topics and topics to tables."""


class Absent(Exception):
    """Why a pipeline cannot run here."""


PIPELINES = {}
