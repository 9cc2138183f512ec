/** What every page runs. Each module is one behaviour, bound once; pages work without any of them. */
import "./htmx.js";
import "./pressed.js";
import "./live.js";
import "./counts.js";
import "./network.js";
import "./rows.js";
import "./drop.js";
import "./keyboard.js";
import "./gate.js";
import "./menus.js";
import "./theme.js";
import "./widths.js";
import "./copy.js";
import "./forms.js";
