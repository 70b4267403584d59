// What only some pages have comes with the first of them: an agent's first screen does without.

import { live } from "./events.js"
import { toast } from "./page.js"
import { _ } from "./words.js"

const LATE = {
  "call-map": () => import("./call-map.js"),
  "call-player": () => import("./player.js"),
  "document-upload": () => import("./upload.js"),
  "lead-actions": () => import("./lead-panel.js"),
  "lead-panel": () => import("./lead-panel.js"),
  "file-upload": () => import("./imports.js"),
  "prompt-recorder": () => import("./prompts.js"),
  "people-ticks": () => import("./imports.js"),
  "recording-wait": () => import("./recording-wait.js"),
  "sound-play": () => import("./prompts.js"),
  "put-right": () => import("./put-right.js"),
  "team-board": () => import("./team-board.js"),
  "week-hours": () => import("./week-hours.js"),
  "trunk-list": () => import("./trunks.js"),
}

// The same for what a team lead says, and is told, and for trunks: most pages hear nothing of it for hours.
const HEARD = {
  alarms: ({ alarms = [] }) => alarms.length > 0,
  messages: ({ messages = [] }) => messages.length > 0,
  trunks: ({ trunks = [] }) => trunks.some(({ bad }) => bad),
  note: ({ what }) => ["state-set", "message-read", "taken-over"].includes(what),
}
let told
for (const [type, isSomething] of Object.entries(HEARD)) {
  let first = true
  live.addEventListener(type, ({ detail }) => {
    const wasFirst = first
    first = false
    if (!isSomething(detail) && (!told || type === "note")) return
    told ??= import("./told.js")
    told.then(({ hear }) => hear(type, detail, wasFirst)).catch(missed)
  })
}

for (const news of ["htmx:afterSettle", "htmx:historyRestore"]) document.addEventListener(news, fetchLate)
fetchLate()

function fetchLate() {
  for (const name of new Set([...document.querySelectorAll(":not(:defined)")].map((each) => each.localName))) {
    LATE[name]?.().catch(missed)
  }
}

function missed() {
  toast(_("A part of this page could not be loaded. Reload the page."), "bad")
}
