"""Re-encrypting everything with the newest key."""

import pytest
from django.core.management import CommandError

from jobs.models import Token
from jobs.simulator import Simulator
from tests.conftest import Stage, give_token
from tests.management.running import run


def test_it_fails_while_a_token_cannot_be_decrypted(stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    assert run("rotate_tokens").startswith("0 sealed again, 0 left")
    Token.objects.update(sealed="1.0.lost")
    with pytest.raises(CommandError, match="1 sealed values are not under the newest key"):
        run("rotate_tokens")
