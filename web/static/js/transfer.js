// The panel in which one looks for who takes the customer: colleagues by what they are doing, queues, any number.

import { breakWords, stateWords } from "./agent-state.js"
import { cleaned } from "./dial.js"
import { length } from "./clock.js"
import { live } from "./events.js"
import { consult, transfer } from "./moves.js"
import { ask, icon } from "./page.js"
import { _ } from "./words.js"

const FRESH = 3000 // milliseconds between looks at who is doing what
const ORDER = ["ready", "wrap_up", "talking", "held", "ringing", "break", "unreachable", "offline"]
const DOTS = { ready: "k-ok", wrap_up: "k-warn", talking: "k-acc", held: "k-acc", ringing: "k-acc", break: "k-warn", unreachable: "k-bad" }
const AWAY = new Set(["unreachable", "offline"]) // nothing would ring there
const NUMBER = /^\+?\d{3,}$/

const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("đ", "d").replaceAll("Đ", "D").toLowerCase()

export class Transfer {
  isOpen = false
  #dock
  #all = { colleagues: [], queues: [] }
  #asked = "" // what is looked for
  #chosen = "" // "colleague 202"
  #coming = null // the first list, on its way
  #first = true // ask first; false: hand over at once

  constructor(dock) {
    this.#dock = dock
    this.wishes = {
      transfer: () => this.toggle(),
      "transfer-close": () => this.close(),
      "ask-first": () => this.#how(true),
      "at-once": () => this.#how(false),
      go: () => this.#go(),
    }
    dock.addEventListener("input", ({ target }) => target.dataset.part === "to" && this.#look(target.value))
    dock.addEventListener("change", ({ target }) => target.name === "target" && this.#choose(target.value))
    dock.addEventListener("keydown", (event) => this.isOpen && this.#key(event))
  }

  toggle() {
    this.isOpen ? this.close() : this.#open()
  }

  close() {
    this.leave()
    this.#dock.render()
  }

  /** The call has changed meanwhile: the panel is no more. */
  leave() {
    this.isOpen = false
    clearInterval(this.timer)
  }

  draw(root) {
    const field = root.querySelector("[data-part=to]")
    if (field.value !== this.#asked) field.value = this.#asked
    if (!root.contains(document.activeElement)) field.focus()
    for (const [wish, is] of [["ask-first", this.#asks], ["at-once", !this.#asks]]) {
      const button = root.querySelector(`[data-do=${wish}]`)
      button.setAttribute("aria-pressed", String(is))
      button.disabled = wish === "ask-first" && this.#chosen.startsWith("queue ")
    }
    const found = this.#found()
    this.#rows(root, "colleagues", found.filter(({ kind }) => kind !== "queue"))
    this.#rows(root, "queues", found.filter(({ kind }) => kind === "queue"))
    root.querySelector("[data-part=nobody]").hidden = found.length > 0
    this.#button(root, found.find(({ value }) => value === this.#chosen))
  }

  get #asks() {
    return this.#first && !this.#chosen.startsWith("queue ")
  }

  #open() {
    this.isOpen = true
    this.#asked = this.#chosen = ""
    this.timer = setInterval(() => this.#fetch(), FRESH)
    this.#dock.render()
    this.#coming = this.#fetch()
  }

  async #fetch() {
    try {
      this.#all = await ask("/api/v1/colleagues")
    } catch {
      return // as they were a moment ago
    }
    if (!this.isOpen) return
    this.#settle()
    this.#dock.render()
  }

  // Colleagues that can be asked now stand first; whoever is looked for by name, extension or department.
  #found() {
    const wanted = plain(this.#asked.trim())
    const fits = (...words) => words.some((each) => plain(each).includes(wanted))
    const colleagues = this.#all.colleagues
      .filter((each) => fits(each.name, each.extension, each.department))
      .sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state) || one.name.localeCompare(other.name))
      .map((each) => ({ kind: "colleague", value: `colleague ${each.extension}`, name: each.name, off: AWAY.has(each.state), dot: DOTS[each.state] ?? "", state: doing(each), title: `${each.department} · ${each.extension}` }))
    const queues = this.#all.queues
      .filter((each) => fits(each.title, each.name))
      .map((each) => ({ kind: "queue", value: `queue ${each.name}`, name: each.title, state: _("{ready} free · {waiting} waiting", each) }))
    const number = cleaned(this.#asked)
    const isExtension = colleagues.some(({ value }) => value === `colleague ${number}`)
    const typed = NUMBER.test(number) && !isExtension ? [{ kind: "number", value: `number ${number}`, name: _("Call {number}", { number }), state: "" }] : []
    return [...typed, ...colleagues, ...queues]
  }

  #look(words) {
    this.#asked = words
    this.#settle()
    this.#dock.render()
  }

  // What was chosen may not fit any more: to what is looked for, or to what has come from the service since.
  #settle() {
    const may = this.#found().filter(({ off }) => !off)
    if (!may.some(({ value }) => value === this.#chosen)) this.#chosen = this.#asked.trim() ? (may[0]?.value ?? "") : ""
  }

  #choose(value) {
    this.#chosen = value
    this.#dock.render()
  }

  #how(first) {
    this.#first = first
    this.#dock.render()
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && event.target.dataset.part === "to") {
      event.preventDefault()
      const may = this.#found().filter(({ off }) => !off)
      const at = may.findIndex(({ value }) => value === this.#chosen)
      this.#choose(may[(at + step + may.length) % may.length]?.value ?? "")
      this.#dock.querySelector("[name=target]:checked")?.closest(".opt").scrollIntoView({ block: "nearest" })
    } else if (event.key === "Enter" && !event.target.closest("button")) {
      event.preventDefault()
      this.#go()
    } else if (event.key === "Escape") {
      event.preventDefault()
      this.close()
    }
  }

  async #go() {
    await this.#coming // quick fingers: "202" is a colleague, not a number
    if (!this.#chosen) return this.#dock.querySelector("[data-part=to]").focus()
    const [kind, to] = this.#chosen.split(" ")
    const moved = await (this.#asks ? consult : transfer)(this.#dock.call.call_id, { kind, to })
    if (moved) this.close()
  }

  #rows(root, name, rows) {
    const list = root.querySelector(`[data-part=${name}]`)
    root.querySelector(`[data-part=${name}-box]`).hidden = rows.length === 0
    const known = new Map([...list.children].map((row) => [row.querySelector("input").value, row]))
    const drawn = rows.map((each) => this.#row(known.get(each.value), each))
    if (drawn.length !== list.childElementCount || drawn.some((row, at) => row !== list.children[at])) list.replaceChildren(...drawn)
  }

  #row(known, { value, name, kind, state, dot, off = false, title = "" }) {
    const row = known ?? this.#dock.querySelector("template[data-row=target]").content.cloneNode(true).firstElementChild
    const input = row.querySelector("input")
    Object.assign(input, { value, disabled: off, checked: value === this.#chosen })
    if (!known && kind !== "colleague") row.querySelector(".dot").replaceWith(icon(kind === "queue" ? "team" : "phone"))
    if (kind === "colleague") row.querySelector(".dot").className = `dot ${dot}`
    row.title = title
    row.classList.toggle("mut", off)
    row.querySelector("[data-part=name]").textContent = name
    row.querySelector("[data-part=doing]").textContent = state
    return row
  }

  #button(root, target) {
    const button = root.querySelector("[data-do=go]")
    button.disabled = !target
    const { kind, name } = target ?? {}
    const number = this.#chosen.split(" ")[1]
    button.textContent = !target ? _("Choose who takes the customer")
      : kind === "number" ? (this.#asks ? _("Ask {name} first", { name: number }) : _("Hand over to {name}", { name: number }))
      : this.#asks ? _("Ask {name} first", { name }) : _("Hand over to {name}", { name })
  }
}

function doing({ state, reason, since }) {
  const words = state === "break" && reason ? breakWords(reason) : (stateWords(state) ?? state)
  return state === "talking" || state === "break" ? `${words} ${length(live.since(since))}` : words
}
