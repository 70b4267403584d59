// The time after a call: shown calmly, made longer, over. It is kept at the service, so here it is only drawn.

import { stateWords, want } from "./agent-state.js"
import { everySecond, length } from "./clock.js"
import { live } from "./events.js"
import { flush } from "./note.js"
import { ask, go, toast } from "./page.js"
import { _ } from "./words.js"

const SOON = 10 // seconds: from here on it is said
const NEAR_MS = 2000 // between the service's clock and its message

const finished = new Set() // call_ids that this window has finished or put off
let seen = null // the wrap-up that is going on: {callId, ends}

const part = (name) => document.querySelector(`.dock [data-part=${name}]`)

/** Seconds that are left; null: no end. */
const left = (me) => (me?.wrap_up && me.wrap_up_ends ? Math.max(0, (Date.parse(me.wrap_up_ends) - Date.now() + live.ahead) / 1000) : null)

function draw() {
  const head = part("wrap-left")
  if (!head || !live.me) return
  const rest = left(live.me)
  head.textContent = length(rest === null ? live.since(live.me.since) : Math.ceil(rest))
  laterWords(live.me.booked)
  const box = part("wrap-time")
  box.hidden = rest === null
  if (rest === null) return
  const whole = (Date.parse(live.me.wrap_up_ends) - Date.parse(live.me.since)) / 1000
  const share = Math.round((100 * rest) / Math.max(1, whole))
  const bar = box.querySelector(".progress")
  bar.style.setProperty("--v", `${share}%`)
  bar.setAttribute("aria-valuenow", String(share))
  bar.classList.toggle("k-warn", rest <= SOON)
  part("wrap-words").textContent = comes(live.me, length(Math.ceil(rest)))
  box.querySelector("[data-do=more]").hidden = live.me.wrap_up_more <= 0
  const said = rest <= SOON && rest > 0 ? _("{n} seconds left. Alt+T: more time.", { n: SOON }) : ""
  if (part("wrap-said").textContent !== said) part("wrap-said").textContent = said
}

// "Finish later" goes on with what was booked.
function laterWords(booked) {
  const button = document.querySelector(".dock [data-do=later]")
  button.dataset.words ??= button.textContent
  const words = booked ? _("Finish later, then: {state}", { state: stateWords(booked.state, booked.reason) }) : button.dataset.words
  if (button.textContent !== words) button.textContent = words
}

// What was booked in the call, or what one was before it.
function comes({ booked, standing, standing_reason }, time) {
  const state = booked?.state ?? standing
  if (state === "ready") return _("{time} left, then ready", { time })
  return _("{time} left, then: {state}", { time, state: stateWords(state, booked?.reason ?? standing_reason) })
}

/** A step longer, as far as the company allows. */
export async function askForMore() {
  if (!live.me?.wrap_up_more) return
  try {
    await ask("/api/v1/me/wrap-up/more", { method: "POST" })
  } catch (error) {
    toast(error.message, "bad")
  }
}

/** Ready now; the call waits in "to finish", with what is typed so far. */
export async function later(callId) {
  await flush(callId).catch(() => {}) // it is tried again by itself
  finished.add(callId)
  const { state, reason } = live.me.booked ?? { state: "ready", reason: "" }
  if (await want(state, reason)) putOff(callId, _("The call waits in “To finish”."))
  else finished.delete(callId)
}

/** Let `save` finish that call; one that stays unfinished for all that is said to wait. */
export async function finishing(callId, save) {
  finished.add(callId)
  try {
    const kept = await save()
    if (!kept.finished) putOff(kept.call_id, _("The call waits in “To finish”."))
  } catch (error) {
    finished.delete(callId)
    throw error
  }
}

function putOff(callId, words) {
  toast(words, "ok", { words: _("Open"), run: () => go(`/to-finish/${encodeURIComponent(callId)}`) })
}

// The wrap-up that was there is not any more: what is typed is saved, and where the call is now is said.
function follow() {
  const now = live.me?.wrap_up ? { callId: live.me.wrap_up, ends: live.me.wrap_up_ends } : null
  const gone = seen && seen.callId !== now?.callId ? seen : null
  seen = now
  if (!gone) return
  flush(gone.callId).catch(() => {})
  if (finished.has(gone.callId)) return
  const over = gone.ends && Date.now() - live.ahead >= Date.parse(gone.ends) - NEAR_MS
  const ready = live.me?.state === "ready"
  const words = ready ? _("The time is over, you are ready. The call waits in “To finish”.") : _("The time is over. The call waits in “To finish”.")
  if (over) putOff(gone.callId, words)
}

live.addEventListener("change", () => {
  follow()
  draw()
})
everySecond(draw)
