// <team-states>: the states of one's people; drawn anew when the service says that there is something new.

import { everySecond, length } from "./clock.js"
import { live } from "./events.js"

const busy = (page) => page.querySelector("details[open], input:focus, button:focus-visible")
let waiting = false

class TeamStates extends HTMLElement {
  connectedCallback() {
    this.count()
    if (waiting) this.later()
  }

  count() {
    for (const time of this.querySelectorAll("[data-since]")) {
      time.textContent = length(live.since(time.dataset.since))
      const over = Boolean(time.dataset.ends) && live.until(time.dataset.ends) < 0
      time.classList.toggle("t-bad", over)
    }
  }

  /** Not under somebody's hand: once they are done. */
  later() {
    waiting = busy(this) !== null
    if (waiting) return
    window.htmx.ajax("GET", "/team/states", { source: this, target: "#page", swap: "innerHTML" })
  }
}

customElements.define("team-states", TeamStates)

const shown = () => document.querySelector("#page team-states")

live.addEventListener("change", ({ detail }) => {
  if (detail === "team" || detail === "state") shown()?.later()
})
everySecond(() => {
  shown()?.count()
  if (waiting) shown()?.later()
})
