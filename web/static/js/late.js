// What only some pages have comes with the first of them: an agent's first screen does without.

import { toast } from "./page.js"
import { _ } from "./words.js"

const LATE = {
  "call-player": () => import("./player.js"),
  "document-upload": () => import("./upload.js"),
  "file-upload": () => import("./imports.js"),
  "people-ticks": () => import("./imports.js"),
  "put-right": () => import("./put-right.js"),
  "team-board": () => import("./team-board.js"),
}

for (const news of ["htmx:afterSettle", "htmx:historyRestore"]) document.addEventListener(news, fetchLate)
fetchLate()

function fetchLate() {
  for (const name of new Set([...document.querySelectorAll(":not(:defined)")].map((each) => each.localName))) {
    LATE[name]?.().catch(() => toast(_("A part of this page could not be loaded. Reload the page."), "bad"))
  }
}
