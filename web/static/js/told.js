// What a team lead did or says is told to whoever it is about, on every page.

import { stateWords } from "./agent-state.js"
import { live } from "./events.js"
import { toast } from "./page.js"
import { _ } from "./words.js"

live.addEventListener("note", ({ detail }) => {
  if (detail.what !== "state-set") return
  toast(_("{name} has set your state: {state}", { name: detail.by, state: stateWords(detail.state, detail.reason) }), "bad")
})
