"""The cases, by what they are about; importing this package registers them all."""

from tests.corpus.kit.cases import agents as agents
from tests.corpus.kit.cases import files as files
from tests.corpus.kit.cases import forks as forks
from tests.corpus.kit.cases import inferences as inferences
from tests.corpus.kit.cases import outcomes as outcomes
from tests.corpus.kit.cases import people as people
from tests.corpus.kit.cases import practices as practices
from tests.corpus.kit.cases import prices as prices
from tests.corpus.kit.cases import projects as projects
from tests.corpus.kit.cases import records as records
from tests.corpus.kit.cases import steps as steps
from tests.corpus.kit.cases import times as times
from tests.corpus.kit.cases import usage as usage
