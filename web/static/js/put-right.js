// <put-right>: what was out of step; drawn anew when the service says that there is something new.

import { live } from "./events.js"

class PutRight extends HTMLElement {
  draw() {
    window.htmx.ajax("GET", "/live/put-right", { source: this, target: "#page", swap: "innerHTML" })
  }
}

customElements.define("put-right", PutRight)

live.addEventListener("change", ({ detail }) => {
  if (["put-right", "state"].includes(detail)) document.querySelector("#page put-right")?.draw()
})
