// Callbacks on every page: how many wait (menu and phone), reminders that pop up at their time, the inbox that renews itself.

import { timeOfDay, when } from "./clock.js"
import { live } from "./events.js"
import { ask, csrf, go, icon, redraw, toast } from "./page.js"
import { language, _ } from "./words.js"

const BUSY = new Set(["ringing", "talking", "wrap_up"])
const RENEW_MS = 300 // what comes together is drawn together
const SHOWN = 1
const told = new Set() // reminders that made a noise already

const isBusy = () => BUSY.has(live.me?.state) || [...live.calls.values()].some((call) => call.mine !== "ended")

function form(values = {}) {
  const data = new FormData()
  data.set("_csrf", csrf())
  for (const [name, value] of Object.entries(values)) data.set(name, value)
  return data
}

/** POST to a callback's address, and say what came of it. */
async function act(path, values) {
  try {
    const { message, undo } = await ask(path, { method: "POST", form: form(values) })
    toast(message, "ok", undo && { words: _("Undo"), run: () => act(undo) })
    return true
  } catch (error) {
    toast(error.message, "bad")
    return false
  }
}

function counts() {
  const n = live.inbox ? live.inbox.missed + live.inbox.due : 0
  const words = n > 99 ? "99+" : n ? String(n) : ""
  for (const place of document.querySelectorAll("[data-inbox-count]")) {
    place.textContent = words || (place.dataset.none ?? "")
    place.classList.toggle("count--bad", n > 0)
  }
}

class CallbackReminders extends HTMLElement {
  connectedCallback() {
    this.drawn = new Map() // id -> element
    this.addEventListener("click", (event) => this.clicked(event))
    live.addEventListener("change", ({ detail }) => ["state", "inbox", "agent", "call", "connection"].includes(detail) && this.draw())
    live.addEventListener("note", ({ detail }) => detail.what === "callback-claimed" && toast(_("{by} calls {name} back.", detail)))
    this.draw()
  }

  draw() {
    this.hidden = isBusy() // it waits until the call and its note are over
    const there = new Map(live.reminders.map((each) => [each.id, each]))
    for (const [id, card] of this.drawn) {
      if (there.has(id)) continue
      card.remove()
      this.drawn.delete(id)
      told.delete(id)
    }
    for (const each of there.values()) this.show(each)
    this.few()
    if (!this.hidden) for (const each of there.values()) this.notify(each)
  }

  /** The page is for work: the earliest is shown, and how many more there are. */
  few() {
    const ids = live.reminders.map((each) => each.id)
    for (const [id, card] of this.drawn) card.hidden = ids.indexOf(id) >= SHOWN
    const more = this.querySelector(".callbacks-due__more")
    more.hidden = ids.length <= SHOWN
    more.textContent = _("{n} more to call back", { n: ids.length - SHOWN })
  }

  show(each) {
    let card = this.drawn.get(each.id)
    if (!card) {
      card = document.getElementById("reminder").content.cloneNode(true).firstElementChild
      card.dataset.id = each.id
      this.drawn.set(each.id, card)
      this.querySelector(".callbacks-due__more").before(card)
    }
    const part = (name) => card.querySelector(`[data-part=${name}]`)
    part("title").textContent = each.anyone ? _("Somebody is to call back") : _("Call back now")
    part("at").textContent = when(each.at, live.zone)
    part("at").dateTime = each.at
    part("name").textContent = each.name || _("Unknown")
    each.customer_id ? part("name").setAttribute("href", `/customers/${each.customer_id}`) : part("name").removeAttribute("href")
    part("number").textContent = each.shown
    part("purpose").textContent = each.purpose
    part("purpose").hidden = !each.purpose
    Object.assign(part("call").dataset, { call: each.number, customer: each.customer_id ?? "", callback: each.id })
    part("later").hidden = each.anyone
    part("pass").hidden = !each.anyone
  }

  notify(each) {
    if (told.has(each.id)) return
    told.add(each.id)
    if (!document.hidden || window.Notification?.permission !== "granted") return
    const note = new Notification(_("Call back now"), { body: `${each.name} ${each.shown} ${each.purpose}`, tag: `callback-${each.id}` })
    note.onclick = () => window.focus()
  }

  clicked(event) {
    const id = event.target.closest(".callback-due")?.dataset.id
    const later = event.target.closest("[data-later]")
    const link = event.target.closest("a[href]") // of a customer, or to the inbox
    if (later) act(`/callbacks/${id}/later`, { minutes: later.dataset.later })
    else if (event.target.closest("[data-done]")) act(`/callbacks/${id}/done`)
    else if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault()
      go(link.getAttribute("href"))
    }
  }
}

customElements.define("callback-reminders", CallbackReminders)

// Pages that show what waits: drawn anew when it has changed, unless somebody is in the middle of something.
let timer = null

function changed() {
  counts()
  clearTimeout(timer)
  if (stale()) timer = setTimeout(renew, RENEW_MS)
}

// What the page showed when it was drawn, and what it would show now.
function stale() {
  const drawn = document.querySelector("#page [data-inbox]")?.dataset.inbox
  return Boolean(live.inbox && drawn) && drawn !== `${live.inbox.missed}-${live.inbox.due}-${live.inbox.mark}`
}

// Until it is drawn: a service that is busy may have refused.
async function renew() {
  const page = document.querySelector("#page [data-inbox]")
  if (!page || !stale()) return
  const busy = page.querySelector("details[open], input:focus, :popover-open") || document.querySelector("dialog[open]")
  if (!busy) await redraw("[data-inbox]")
  clearTimeout(timer)
  timer = setTimeout(renew, 4 * RENEW_MS)
}

live.addEventListener("change", ({ detail }) => ["state", "inbox"].includes(detail) && changed())

// A reason that is often given is one press.
document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("[data-reason]")) return
  const field = target.closest("form").querySelector("[name=reason]")
  field.value = target.value
  field.focus()
})

const arrows = { ArrowLeft: -1, ArrowRight: 1 }
document.addEventListener("keydown", (event) => {
  const step = arrows[event.key]
  if (!step || event.target.closest("input, textarea, select, [role=slider]") || event.ctrlKey || event.altKey || event.metaKey) return
  document.querySelector(`#page [data-step="${step}"]`)?.click()
})

// Up and down walk through the lines; Enter opens, C calls: as in a list of mails.
document.addEventListener("keydown", (event) => {
  const list = document.querySelector("#page callback-inbox, #page callback-schedule")
  if (!list || event.target.closest("input, textarea, select, dialog, [popover]") || event.ctrlKey || event.altKey || event.metaKey) return
  const buttons = [...list.querySelectorAll(".ib--call")]
  const at = buttons.indexOf(document.activeElement)
  const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key]
  if (next === undefined || !buttons.length) return
  event.preventDefault()
  buttons[Math.max(0, Math.min(buttons.length - 1, next))].focus()
})

/** Whether people rest then: `local` as a field for day and time has it. */
export function odd(local) {
  const at = new Date(local)
  if (Number.isNaN(at.getTime())) return ""
  if (at.getDay() === 0) return _("That is a Sunday.")
  const minutes = at.getHours() * 60 + at.getMinutes()
  return minutes < 7 * 60 || minutes > 21 * 60 ? _("Before 7:00 and after 21:00 people do not like to be called.") : ""
}

class CallbackWhen extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", () => this.draw())
    this.addEventListener("input", () => this.draw())
    this.draw()
  }

  draw() {
    const own = this.querySelector("[data-own]").checked
    const field = this.querySelector("[name=own]")
    const before = this.querySelector("[data-part=own]").hidden
    this.querySelector("[data-part=own]").hidden = !own
    if (own && before && this.isConnected) field.focus()
    const words = own ? odd(field.value) : ""
    const warning = this.querySelector("[data-part=odd]")
    warning.hidden = !words
    warning.querySelector("span").textContent = words
  }
}

customElements.define("callback-when", CallbackWhen)

/** 14:00 today, else with its day: what stands on a chip. */
export function chipTime(iso) {
  const day = (date) => new Intl.DateTimeFormat("en-CA", { timeZone: live.zone }).format(date)
  const at = new Date(iso)
  if (day(at) === day(new Date())) return timeOfDay(iso, live.zone)
  const weekday = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: live.zone }).format(at)
  return `${weekday} ${timeOfDay(iso, live.zone)}`
}

export { act, icon }
