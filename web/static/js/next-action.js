// After a call: when to call back, one press. Each press is kept at once, pressed again it is taken back.

import { chipTime, odd } from "./callbacks.js"
import { live } from "./events.js"
import { ask } from "./page.js"
import { current } from "./views.js"
import { _ } from "./words.js"

const PAUSE_MS = 700 // without a key until the purpose is saved
const kept = new Map() // call_id -> {callback, presets, purpose, whose, said}
let timer

const part = (root, name) => root.querySelector(`[data-part=${name}]`)

function stateOf(call) {
  if (!kept.has(call.call_id)) {
    kept.set(call.call_id, { callback: null, presets: [], purpose: "", whose: "me", said: "", own: false })
    recall(call)
  }
  return kept.get(call.call_id)
}

async function recall(call) {
  const state = kept.get(call.call_id)
  try {
    const [presets, { items }] = await Promise.all([
      ask("/api/v1/callbacks/presets"),
      ask(`/api/v1/callbacks?call_id=${encodeURIComponent(call.call_id)}`),
    ])
    state.presets = presets
    if (items.length && !state.callback) {
      took(state, items[items.length - 1])
      state.purpose = state.callback.purpose
    }
  } catch (error) {
    state.said = error.message
  }
  render()
}

// The purpose stays as it is typed: an answer may be older.
function took(state, callback) {
  state.callback = callback
  state.whose = callback.user ? "me" : "anyone"
}

/** Draw it where the phone has a place for it, and the form of a call that is finished later. */
function render() {
  const { view, call } = current()
  const form = document.querySelector("finish-form")
  if (view === "wrap") fill(document.querySelector("phone-dock [data-part=next-action]"), call)
  if (form) fill(form.querySelector("[data-part=next-action]"), form.called)
}

function fill(slot, call) {
  const template = document.getElementById("next-action")
  if (!slot || !template || !call?.number) return
  const state = stateOf(call)
  if (!slot.firstElementChild || slot.dataset.about !== call.call_id) {
    slot.dataset.about = call.call_id
    slot.replaceChildren(template.content.cloneNode(true))
    listen(slot, call, state)
  }
  draw(slot, state)
}

function listen(slot, call, state) {
  slot.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-part=chips] .chip")
    if (chip) pressed(slot, call, state, chip.dataset.name)
    else if (event.target.closest("[data-plan-own]")) own(slot, call, state)
  })
  const field = part(slot, "own").querySelector("input")
  field.addEventListener("input", () => {
    state.said = odd(field.value)
    draw(slot, state)
  })
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey) return
    event.preventDefault()
    own(slot, call, state)
  })
  part(slot, "purpose").addEventListener("input", ({ target }) => {
    state.purpose = target.value
    clearTimeout(timer)
    timer = setTimeout(() => keep(call, state, { purpose: state.purpose }), PAUSE_MS)
  })
  part(slot, "purpose").addEventListener("change", () => {
    clearTimeout(timer)
    keep(call, state, { purpose: state.purpose })
  })
  part(slot, "whose").addEventListener("change", ({ target }) => {
    state.whose = target.value
    keep(call, state, target.value === "anyone" ? { anyone: true } : { user_id: live.me.user_id })
  })
  for (const name of ["input", "change"]) slot.addEventListener(name, (event) => event.stopPropagation()) // none of the note's
}

function pressed(slot, call, state, name) {
  if (name === "own") {
    state.own = !state.own
    draw(slot, state)
    if (state.own) part(slot, "own").querySelector("input").focus()
    return
  }
  const { at } = state.presets.find((each) => each.name === name)
  state.own = false
  if (state.callback && Date.parse(state.callback.at) === Date.parse(at)) keep(call, state, { state: "cancelled" })
  else keep(call, state, { at })
}

function own(slot, call, state) {
  const local = part(slot, "own").querySelector("input").value
  if (local) keep(call, state, { local })
}

async function keep(call, state, change) {
  const { callback } = state
  try {
    if (callback) took(state, await ask(`/api/v1/callbacks/${callback.id}`, { method: "PUT", json: change }))
    else if (change.at || change.local) took(state, await ask("/api/v1/callbacks", { method: "POST", json: planned(call, state, change) }))
    if (state.callback?.state === "cancelled") state.callback = null
    state.said = words(state.callback)
    if (change.local) state.own = false
  } catch (error) {
    state.said = error.message
  }
  render()
}

function planned(call, state, change) {
  const json = { ...change, call_id: call.call_id, number: call.number, purpose: state.purpose, anyone: state.whose === "anyone" }
  if (call.customer) json.customer_id = call.customer.id
  return json
}

function words(callback) {
  if (!callback) return _("The callback is cancelled.")
  const time = chipTime(callback.at)
  if (callback.odd === "sunday") return `${_("Planned for {time}.", { time })} ${_("That is a Sunday.")}`
  if (callback.odd) return `${_("Planned for {time}.", { time })} ${_("Before 7:00 and after 21:00 people do not like to be called.")}`
  return _("Planned for {time}.", { time })
}

function draw(slot, state) {
  const chips = part(slot, "chips")
  const names = [...state.presets, { name: "own" }]
  if (chips.childElementCount !== names.length) chips.replaceChildren(...names.map(chipOf))
  const at = state.callback ? Date.parse(state.callback.at) : null
  let any = false
  names.forEach((each, place) => {
    const on = each.name === "own" ? state.own || (at !== null && !any) : Date.parse(each.at) === at
    any ||= on
    chips.children[place].setAttribute("aria-pressed", String(on))
  })
  part(slot, "own").hidden = !state.own
  part(slot, "more").hidden = !state.callback
  const purpose = part(slot, "purpose")
  if (purpose !== document.activeElement) purpose.value = state.purpose
  part(slot, "whose").value = state.whose
  part(slot, "said").textContent = state.said
}

function chipOf({ name, label, at }) {
  const chip = document.getElementById("next-chip").content.cloneNode(true).firstElementChild
  chip.dataset.name = name
  chip.textContent = name === "own" ? _("Choose…") : name === "hour" ? _(label) : `${_(label)} ${timeOn(at)}`
  return chip
}

const timeOn = (at) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: live.zone }).format(new Date(at))

const body = document.querySelector("phone-dock > .dock__body")
if (body) new MutationObserver(render).observe(body, { childList: true })
live.addEventListener("change", render)
document.addEventListener("finish-form", render)
render()
