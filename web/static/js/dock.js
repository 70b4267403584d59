// <phone-dock>: the phone beside every page. It lives outside what htmx swaps, so that calls outlive pages.

import { want } from "./agent-state.js"
import { everySecond } from "./clock.js"
import { cleaned, place } from "./dial.js"
import { begin, counting, draw, nameOf, numberOf, text } from "./draw.js"
import { drawLeads } from "./draw-parties.js"
import { live } from "./events.js"
import { load, watch } from "./held.js"
import { showKeys } from "./key-help.js"
import { Keypad } from "./keypad.js"
import { keys } from "./keys.js"
import { qualityOf } from "./listening.js"
import { moves } from "./moves.js"
import { isDirty, recall, save, settle, write } from "./note.js"
import { learn } from "./outcomes.js"
import { ask, go, toast } from "./page.js"
import { phone } from "./phone.js"
import { grade, troubleWords } from "./quality.js"
import { last } from "./redial.js"
import { prepare, ring, stop } from "./ring.js"
import { drawSecond, secondCall } from "./second-call.js"
import { showSound } from "./sound-dialog.js"
import "./stay.js"
import { Transfer } from "./transfer.js"
import { close, current } from "./views.js"
import { askForMore, finishing, later } from "./wrap.js"
import { _ } from "./words.js"

const OPENS = new Set(["ringing", "calling", "failed", "talking", "hold", "consult", "conference", "reconnecting", "transfer", "wrap"]) // unfold by themselves
const TRANSFERS = new Set(["talking", "hold"]) // views from which a call is handed over
const OUTCOMES = new Set(["ready", "failed", "wrap"]) // views that need what a call can end in, now or soon
const MOMENT = 1000 // milliseconds

class PhoneDock extends HTMLElement {
  view = null
  call = null
  #shown = new Set()
  #problem = ""
  #dialled = ""
  keypad = new Keypad(this)
  transfer = new Transfer(this)
  #wrote = null // where in the note one was typing, until when it matters

  connectedCallback() {
    if (this.dock) return
    this.dock = this.closest(".dock")
    this.head = this.querySelector(":scope > .dock__head")
    this.body = this.querySelector(":scope > .dock__body")
    phone.audio = this.querySelector("audio")
    this.dock.addEventListener("click", (event) => this.#clicked(event))
    this.addEventListener("submit", (event) => this.#submitted(event))
    this.addEventListener("input", (event) => this.#typed(event))
    this.addEventListener("change", (event) => this.#chosen(event))
    this.addEventListener("outcome", ({ detail }) => write(this.call.call_id, { outcome: detail }, () => this.render()))
    this.addEventListener("paste", (event) => this.#pasted(event))
    document.addEventListener("keydown", (event) => keys(event, this))
    document.getElementById("keys").addEventListener("click", ({ target }) => this.do(target.closest("[data-do]")?.dataset.do))
    document.addEventListener("visibilitychange", () => this.render())
    live.addEventListener("change", (event) => this.#heard(event.detail))
    phone.addEventListener("change", () => this.render())
    everySecond(() => this.#count())
    if (localStorage.getItem("dock") === "mini") this.#fold(true)
    prepare()
    live.start()
    this.render()
  }

  render() {
    const { view, call } = this.#current()
    if (view !== this.view || call?.call_id !== this.call?.call_id) this.#show(view, call)
    this.call = call
    this.keypad.draw()
    draw(view, this.body, call, this)
    this.#numbers()
    this.#count()
    drawLeads(this, call)
    this.#ringing(view, call)
  }

  // The transfer panel stands over a call that goes on.
  #current() {
    const { view, call } = current()
    if (!this.transfer.isOpen) return { view, call }
    if (TRANSFERS.has(view) && call.call_id === this.call?.call_id) return { view: "transfer", call }
    this.transfer.leave()
    return { view, call }
  }

  /** What the keyboard and the buttons may ask for. */
  do(wish, event) {
    this.wishes[wish]?.(event)
  }

  wishes = {
    ...this.keypad.wishes,
    ...this.transfer.wishes,
    ...moves(this),
    ...secondCall(this),
    answer: () => phone.answer(this.call.call_id),
    decline: () => phone.decline(this.call.call_id),
    "hang-up": () => this.#hangUp(),
    mute: () => phone.mute(this.call.call_id, !phone.isMuted(this.call.call_id)),
    hold: () => phone.hold(this.call.call_id, !phone.isHeld(this.call.call_id)),
    note: () => this.querySelector("#dock-note").focus(),
    retry: () => phone.retry(),
    "take-over": () => phone.takeOver(),
    ready: () => want("ready"),
    again: () => this.#again(),
    redial: () => this.#redial(),
    outcome: ({ key, code }) => this.#choose(Number(code?.match(/^Digit(.)/)?.[1] ?? key)),
    "outcome-back": () => this.#back(),
    "finish-ready": () => this.finish("ready"),
    "finish-break": () => this.finish("break"),
    help: () => showKeys(),
    lead: ({ code }) => document.querySelector("lead-panel")?.press?.(code),
    sound: () => showSound(),
    toggle: () => this.#fold(document.getElementById("app").dataset.dock !== "mini"),
    close: (event) => (event?.key === "Escape" && this.#back()) || this.#close(),
    more: () => askForMore(),
    later: () => later(this.call.call_id),
    "note-mine": () => this.#settle(true),
    "note-theirs": () => this.#settle(false),
    fold: () => this.#fold(true),
    unfold: () => this.#fold(false),
    sheet: () => this.#sheet(),
  }

  #press(key) {
    const dial = this.querySelector("[data-part=dial]")
    if (this.view === "talking") return this.keypad.press(key)
    if (!dial) return
    dial.value += key
    this.#dialled = dial.value
    dial.focus()
  }

  #choose(number) {
    this.querySelector("outcome-choice")?.press(number)
  }

  /** From sub-outcomes back to outcomes; whether one was there. */
  #back() {
    return this.querySelector("outcome-choice")?.back() ?? false
  }

  async finish(next) {
    const { call_id } = this.call
    const choice = this.querySelector("outcome-choice")
    const reason = next === "break" ? this.querySelector("[data-part=reason]").value : ""
    choice.complain(!choice.complete) // its key works there
    if (!choice.complete) return
    try {
      await finishing(call_id, () => save(call_id, { done: true, next, reason }))
    } catch (error) {
      if (!isDirty(call_id)) toast(error.message, "bad") // the note is saved; what comes next cannot be
      this.render() // it stays, with why it was not saved
    }
  }

  async #settle(mine) {
    await settle(this.call.call_id, mine).catch(() => {})
    this.querySelector("#dock-note").value = ""
    this.render()
  }

  #show(view, call) {
    const typing = this.#typing(call)
    const content = this.querySelector(`template[data-view="${view}"]`).content.cloneNode(true)
    const body = content.querySelector("template[data-body]")
    this.body.replaceChildren(body.content)
    body.remove()
    this.head.replaceChildren(content)
    this.head.setAttribute("role", view === "ringing" ? "alert" : "status")
    this.dock.dataset.state = view
    this.view = view
    this.call = call
    begin(view, call?.call_id)
    if (OPENS.has(view)) this.#open()
    else if (view === "ready") this.#refill()
    if (OUTCOMES.has(view)) learn(() => this.render())
    // Somebody may have noted it before this page or this agent had to do with it.
    if (live.found.has(call?.call_id) || call?.agents?.length > 1) this.#keep(call.call_id)
    typing?.()
  }

  // The note goes on from one view to the next, and so does the cursor in it: also over the
  // moment between a call that has ended and the wrap-up that begins.
  #typing(call) {
    const field = document.activeElement
    if (field?.id === "dock-note") {
      const { selectionStart: from, selectionEnd: to } = field
      this.#wrote = { call: this.call?.call_id, from, to, until: Date.now() + MOMENT }
    }
    if (this.#wrote?.call !== call?.call_id || !(this.#wrote?.until > Date.now())) return null
    return () => {
      const next = this.querySelector("#dock-note")
      if (!next) return
      draw(this.view, this.body, this.#current().call, this)
      next.focus()
      next.setSelectionRange(this.#wrote.from, this.#wrote.to)
      this.#wrote = null
    }
  }

  async #keep(callId) {
    await recall(callId)
    this.render()
  }

  #refill() {
    this.dock.dataset.sheet = "peek"
    this.querySelector("[data-part=dial]").value = this.#dialled
    this.#complain(this.#problem)
  }

  #open() {
    this.dock.dataset.sheet = "open"
    if (document.getElementById("app")?.dataset.dock === "mini") this.#fold(false, false)
  }

  #ringing(view, call) {
    const here = view === "ringing" && phone.has(call.call_id)
    const who = here ? `${nameOf(call)} ${numberOf(call)}` : ""
    here ? ring(who) : stop()
    text(this, "alert", here ? _("Incoming call: {who}", { who }) : "")
    if (view === "ringing" && !document.hidden && !this.#shown.has(call.call_id)) {
      this.#shown.add(call.call_id)
      requestAnimationFrame(() => live.say({ type: "shown", call_id: call.call_id }))
    }
  }

  #numbers() {
    if (!live.me) return
    text(this, "today-calls", String(live.me.today.calls))
    const dot = { ready: "k-ok", offline: "k-bad", blocked: "k-bad" }[this.view] ?? "k-warn"
    this.dock.querySelector("[data-part=mini]").className = `dot ${dot}`
  }

  #count() {
    if (!this.view) return
    const late = this.view === "hold" ? watch(this.call.call_id) : ""
    this.dock.toggleAttribute("data-late", Boolean(late))
    if (this.view === "hold") text(this, "late", late)
    for (const [name, words] of counting(this.view, this.call)) text(this, name, words)
    this.#listen()
    drawSecond(this)
  }

  #listen() {
    const heard = this.call && qualityOf(this.call.call_id)
    const trouble = this.dock.querySelector("[data-part=deaf]")
    trouble.hidden = !heard?.trouble
    if (heard?.trouble) text(this, "deaf-text", troubleWords(heard.trouble))
    const place = this.querySelector("[data-part=quality]")
    if (!heard?.now || !place) return
    const { bars, words, kind } = grade(heard.now.mos)
    place.hidden = false
    text(this, "quality-text", words())
    const drawn = place.querySelector(".bars")
    drawn.className = `bars ${kind}`
    drawn.setAttribute("aria-label", _("Quality: {words}", { words: words() }))
    place.title = figures(heard.now)
    ;[...drawn.children].forEach((bar, at) => bar.classList.toggle("on", at < bars))
  }

  #heard(type) {
    if (type === "state" && phone.state === "registering" && !this.started) {
      this.started = true
      phone.start()
      load()
      learn(() => this.render())
    }
    this.render()
  }

  #clicked(event) {
    const wish = event.target.closest("[data-do]")?.dataset.do
    const key = event.target.closest("[data-key]")?.dataset.key
    const link = event.target.closest("a[href]")
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) this.#visit(event, link)
    else if (wish) this.do(wish)
    else if (key) this.#press(key)
    else if (event.target.closest(".dock__head")) this.#sheet()
  }

  // Never as a browser follows links: with the document the call would go.
  #visit(event, link) {
    event.preventDefault()
    this.dock.dataset.sheet = "peek"
    go(link.getAttribute("href"))
  }

  #submitted(event) {
    event.preventDefault()
    if (event.target.dataset.form === "wrap") this.finish(event.submitter?.value ?? "ready")
    else this.#dial(cleaned(this.querySelector("[data-part=dial]").value))
  }

  #typed({ target }) {
    if (target.dataset.part === "dial") this.#dialled = target.value
    if (target.dataset.part === "note") write(this.call.call_id, { note: target.value }, () => this.render())
  }

  #chosen({ target }) {
    if (target.dataset.part === "reason" && this.view === "break") want("break", target.value)
  }

  #pasted(event) {
    if (event.target.dataset.part !== "dial") return
    event.preventDefault()
    const field = event.target
    field.setRangeText(cleaned(event.clipboardData.getData("text")), field.selectionStart, field.selectionEnd, "end")
    this.#dialled = field.value
  }

  async #dial(number) {
    if (!number) return this.#offerLast()
    this.#complain("")
    try {
      await place({ number })
      this.#dialled = ""
    } catch (error) {
      this.#complain(error.message)
    }
  }

  // Nothing typed: the last number is offered, and a second Enter calls it.
  #offerLast() {
    const field = this.querySelector("[data-part=dial]")
    field.value = this.#dialled = last()?.number ?? ""
    field.focus()
  }

  #complain(words) {
    this.#problem = words
    const place = this.querySelector("[data-part=problem]")
    if (!place) return
    place.hidden = !words
    text(this, "problem-text", words)
  }

  #hangUp() {
    const { call_id } = this.call // in another window it takes the service; it may be over by now
    if (phone.hangUp(call_id)) return
    ask(`/api/v1/calls/${encodeURIComponent(call_id)}/hangup`, { method: "POST" }).catch((error) => error.status === 409 || toast(error.message, "bad"))
  }

  #again() {
    const { call_id, number, customer } = this.call
    close(call_id)
    this.render()
    place({ number, customerId: customer?.id }).catch((error) => this.#complain(error.message))
  }

  #close() {
    save(this.call.call_id).catch(() => {})
    close(this.call.call_id)
    this.render()
  }

  #redial() {
    const before = last()
    if (!before) return
    this.#complain("")
    place({ number: before.number, customerId: before.customerId }).catch((error) => this.#complain(error.message))
  }

  #sheet() {
    this.dock.dataset.sheet = this.dock.dataset.sheet === "open" ? "peek" : "open"
  }

  #fold(on, remember = true) {
    document.getElementById("app").dataset.dock = on ? "mini" : "open"
    if (remember) localStorage.setItem("dock", on ? "mini" : "open")
  }
}

const figures = ({ mos, loss, jitter, rtt }) => _("MOS {mos} · {loss} % lost · jitter {jitter} ms · delay {delay} ms", {
  mos: mos.toFixed(1), loss: (loss * 100).toFixed(1), jitter: Math.round(jitter), delay: Math.round(rtt / 2),
})

customElements.define("phone-dock", PhoneDock)
