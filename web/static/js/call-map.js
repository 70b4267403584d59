// The map of the way of a call: its boxes are links of an SVG, which htmx does not know, and must not reload the page.

import { go } from "./page.js"

class CallMap extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => this.follow(event))
    const lit = [...this.querySelectorAll(".sw__box--lit")].map((each) => each.getBoundingClientRect().right)
    if (lit.length) this.scrollLeft += Math.max(0, Math.max(...lit) + 16 - this.getBoundingClientRect().right)
  }

  follow(event) {
    const box = event.target.closest("a")
    if (!box || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    go(box.getAttribute("href"))
  }
}

customElements.define("call-map", CallMap)
