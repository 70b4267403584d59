// The window in which devices are chosen and the check before the shift is run.

import { when } from "./clock.js"
import { leg } from "./draw.js"
import { live } from "./events.js"
import { Level } from "./level.js"
import { phone } from "./phone.js"
import { tone } from "./ring.js"
import { check, lastCheck, STEPS } from "./sound-check.js"
import { sound, USES } from "./sound.js"
import { _, _n } from "./words.js"

class SoundDialog extends HTMLElement {
  #running = null // AbortController of the check
  #ear = null

  connectedCallback() {
    this.dialog = this.querySelector("dialog")
    this.addEventListener("change", ({ target }) => target.dataset.use && this.#choose(target))
    this.addEventListener("click", (event) => this.#clicked(event.target.closest("button")))
    this.dialog.addEventListener("close", () => this.#closed())
    sound.addEventListener("change", () => this.dialog.open && this.#devices())
    phone.addEventListener("change", () => this.dialog.open && this.#mayCheck())
    document.addEventListener("sound-wanted", () => this.open())
  }

  async open() {
    if (this.dialog.open) return
    document.getElementById("keys")?.close()
    for (const step of STEPS) leg(this, step, "later", "")
    this.#part("answer").hidden = true
    this.#last()
    this.#mayCheck()
    this.dialog.showModal()
    await sound.refresh()
    this.#hear()
  }

  #part(name) {
    return this.querySelector(`[data-part="${name}"]`)
  }

  #devices() {
    for (const use of USES) {
      const select = this.querySelector(`[data-use="${use}"]`)
      const { id, label } = sound.chosen(use)
      const standard = new Option(_("The computer’s standard"), "")
      const others = sound.choices(use).map((each) => new Option(each.label || _("Unnamed device"), each.deviceId))
      const gone = sound.isGone(use) ? [new Option(_("{name} (not there)", { name: label }), id)] : []
      select.replaceChildren(standard, ...others, ...gone)
      select.value = id
    }
  }

  #choose({ dataset, value }) {
    sound.choose(dataset.use, value)
    if (dataset.use === "hear") this.#hear()
  }

  // While nobody checks and nobody talks, the bar shows what the microphone hears.
  async #hear() {
    this.#deaf()
    if (this.#running || phone.sessions.size) return
    const ear = await Level.ofMicrophone(sound.constraints).catch(() => null)
    if (!ear || !this.dialog.open || this.#running) return ear?.close()
    this.#ear = ear
    this.timer = setInterval(() => this.#level(ear.now), 100)
  }

  #deaf() {
    clearInterval(this.timer)
    this.#ear?.close()
    this.#ear = null
    this.#level(0)
  }

  #level(loudness) {
    this.#part("level").style.setProperty("--v", `${Math.round(loudness * 100)}%`)
  }

  #clicked(button) {
    if (button?.dataset.try) tone(button.dataset.try)
    if (button?.dataset.check === "start") this.#check()
    if (button?.dataset.heard) this.#answer?.(button.dataset.heard === "yes")
  }

  #answer = null

  async #check() {
    this.#running = new AbortController()
    this.#deaf()
    this.#mayCheck()
    this.#part("last").textContent = ""
    for (const step of STEPS) leg(this, step, "later", "")
    const { signal } = this.#running
    const asked = () => new Promise((done) => {
      this.#part("answer").hidden = false
      this.querySelector("[data-heard=yes]").focus()
      this.#answer = done
      signal.addEventListener("abort", () => done(false))
    }).finally(() => (this.#part("answer").hidden = true))
    await check({ tell: (...what) => signal.aborted || leg(this, ...what), level: (loudness) => this.#level(loudness), asked, signal })
    if (signal.aborted) return
    this.#running = null
    this.#last()
    this.#mayCheck()
    this.#hear()
  }

  // A call is more important than the check of it.
  #mayCheck() {
    const calls = phone.sessions.size > 0
    if (calls && this.#running) return this.dialog.close()
    this.querySelector("[data-check]").disabled = calls || Boolean(this.#running)
    this.#part("in-call").hidden = !calls
    if (calls) this.#deaf()
  }

  #last() {
    const last = lastCheck()
    const place = this.#part("last")
    place.classList.toggle("t-bad", Boolean(last?.failed.length))
    if (!last) place.textContent = _("Not checked in this browser yet.")
    else if (!last.failed.length) place.textContent = _("Last check {time}: everything works.", { time: when(last.at, live.zone) })
    else place.textContent = _n("Last check {time}: {n} thing to look at.", "Last check {time}: {n} things to look at.", last.failed.length, { time: when(last.at, live.zone) })
  }

  #closed() {
    this.#running?.abort()
    this.#running = null
    this.#deaf()
  }
}

customElements.define("sound-dialog", SoundDialog)

/** From anywhere: open the window. */
export const showSound = () => document.dispatchEvent(new Event("sound-wanted"))
