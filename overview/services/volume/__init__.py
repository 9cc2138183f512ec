"""The volume of design §9, for measuring: `manage.py seed_volume`."""

from overview.services.volume.people import ROOT
from overview.services.volume.plan import PREFIX
from overview.services.volume.seed import seed_volume

__all__ = ["PREFIX", "ROOT", "seed_volume"]
