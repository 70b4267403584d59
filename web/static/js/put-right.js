// <put-right>: what was out of step; drawn anew when the service says that there is something new.

import { live } from "./events.js"
import { redraw } from "./page.js"

live.addEventListener("change", ({ detail }) => ["put-right", "state"].includes(detail) && redraw("put-right"))
