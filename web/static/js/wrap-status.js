// The customer's profile status in the form after a call: chosen there, kept when the note is saved for good.

import { live } from "./events.js"
import { choose } from "./note.js"
import { ask } from "./page.js"
import { current } from "./views.js"

const KEPT = 20 // calls
const known = new Map() // call_id -> {customer, id, statuses, chosen}; without statuses while they are asked for

function render() {
  const { view, call } = current()
  const form = document.querySelector("finish-form")
  if (view === "wrap") fill(document.querySelector("phone-dock [data-part=status-box]"), call)
  if (form) fill(form.querySelector("[data-part=status-box]"), form.called)
}

function fill(box, call) {
  if (!box || !call?.customer) return
  let state = known.get(call.call_id)
  if (state?.customer !== call.customer.id) known.set(call.call_id, (state = find(call)))
  if (!state.statuses?.length || box.dataset.about === `${call.call_id} ${state.customer}`) return
  box.dataset.about = `${call.call_id} ${state.customer}`
  const select = box.querySelector("select")
  const [none] = select.options
  select.replaceChildren(none, ...state.statuses.map(({ id, name }) => new Option(name, id)))
  select.value = String(state.chosen ?? "")
  select.onchange = () => {
    state.chosen = select.value ? Number(select.value) : null
    choose(call.call_id, state.chosen === state.id ? null : { customer_id: state.customer, status_id: state.chosen })
  }
  box.hidden = false
}

// One whose file they may not change has no status here.
function find({ call_id, customer: { id: customer } }) {
  const state = { customer }
  for (const old of known.keys()) if (known.size >= KEPT) known.delete(old)
  ask(`/customers/${customer}/status`).then(({ id, statuses }) => {
    Object.assign(state, { id, statuses, chosen: id })
    if (known.get(call_id) === state) render()
  }, () => {})
  return state
}

const body = document.querySelector("phone-dock > .dock__body")
if (body) new MutationObserver(render).observe(body, { childList: true })
live.addEventListener("change", render)
document.addEventListener("finish-form", render)
render()
