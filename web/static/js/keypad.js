// The keypad of a call: keys are sent as they are pressed, pasted digits one by one; what was sent is shown.

import { phone } from "./phone.js"
import { text } from "./draw.js"
import { _n } from "./words.js"

const LONGEST = 40 // digits that may be pasted at once

/** The digits of what was copied ("PIN: 12 34#"), with a comma for each pause; nothing else can be sent. */
export const digitsOf = (copied) => copied.replace(/[^\d*#,]/g, "").slice(0, LONGEST)

export class Keypad {
  #dock
  #sent = new Map() // call_id -> digits

  constructor(dock) {
    this.#dock = dock
    this.wishes = { keypad: () => this.#toggle(), digit: ({ key }) => this.press(key), "stop-digits": () => phone.stopPressing(dock.call.call_id) }
    phone.addEventListener("tone", ({ detail }) => this.#sending(detail))
    document.addEventListener("paste", (event) => this.#paste(event))
  }

  get isOpen() {
    return this.#box?.hidden === false
  }

  press(keys) {
    phone.press(this.#dock.call.call_id, keys)
  }

  /** After the view was drawn anew. */
  draw() {
    if (this.#box) text(this.#dock, "pressed", this.#sent.get(this.#dock.call?.call_id) ?? "")
  }

  get #box() {
    return this.#dock.querySelector("[data-part=keypad]")
  }

  #toggle() {
    const box = this.#box
    if (!box) return
    box.hidden = !box.hidden
    this.#dock.querySelector("[data-do=keypad]").setAttribute("aria-pressed", String(!box.hidden))
    if (!box.hidden) box.querySelector("[data-part=pressed]").focus()
  }

  #paste(event) {
    if (!this.isOpen || event.target.closest?.("textarea, input")) return
    const digits = digitsOf(event.clipboardData.getData("text"))
    event.preventDefault()
    if (digits) this.press(digits)
  }

  #sending({ callId, tone, left }) {
    this.#sent.set(callId, `${this.#sent.get(callId) ?? ""}${tone}`)
    if (this.#dock.call?.call_id !== callId || !this.#box) return
    this.draw()
    this.#box.querySelector("[data-part=sending]").hidden = left === 0
    text(this.#box, "left", _n("{n} more is being sent…", "{n} more are being sent…", left))
  }
}
