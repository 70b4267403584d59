// <recording-wait call="…">: in place of a player whose recording is being made ready; the player comes by itself.

import { live } from "./events.js"
import { ask } from "./page.js"

const FIRST = 1000 // milliseconds between two looks; /events tells the call's agent, others have to look
const LONGEST = 15_000

class RecordingWait extends HTMLElement {
  connectedCallback() {
    this.call = encodeURIComponent(this.getAttribute("call"))
    this.pause = FIRST
    this.told = ({ detail }) => detail === "recording" && this.look()
    live.addEventListener("change", this.told)
    this.later()
  }

  disconnectedCallback() {
    clearTimeout(this.timer)
    live.removeEventListener("change", this.told)
  }

  later() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.look(), this.pause)
    this.pause = Math.min(this.pause * 1.5, LONGEST)
  }

  async look() {
    try {
      const { state } = await ask(`/api/v1/recordings/${this.call}`)
      if (!this.isConnected) return
      if (state === "waiting") this.later()
      else window.htmx.ajax("GET", `/recordings/${this.call}/player`, { target: this, swap: "outerHTML" })
    } catch ({ status }) {
      if (this.isConnected && (!status || status >= 500)) this.later() // no network: it comes back
    }
  }
}

customElements.define("recording-wait", RecordingWait)
