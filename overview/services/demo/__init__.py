from overview.services.demo.people import PASSWORD
from overview.services.demo.removal import unload_demo
from overview.services.demo.replay import STARTED, demo_keys, is_half_loaded, is_loaded, load_demo, note, taken_keys

__all__ = [
    "PASSWORD",
    "STARTED",
    "demo_keys",
    "is_half_loaded",
    "is_loaded",
    "load_demo",
    "note",
    "taken_keys",
    "unload_demo",
]
