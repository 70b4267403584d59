// <team-board>: the team at this moment. It has a socket of its own (/live/events) for as long as it is shown.

import { breakWords, stateWords } from "./agent-state.js"
import { everySecond, initials, length, timeOfDay, when } from "./clock.js"
import { live } from "./events.js"
import { words } from "./jobs.js"
import { arrange, counted, level, lost, Stream, together } from "./live-stream.js"
import { alarmWords, DOTS, pastWords, share } from "./live-words.js"
import { ask, icon, toast } from "./page.js"
import { _, _n } from "./words.js"

const GROUPS = { talking: "calls", on_hold: "calls", ringing: "calls", ready: "ready", wrap_up: "wrap", break: "away", unreachable: "away", offline: "offline" }
const ICONS = { talking: "phone", on_hold: "pause", ringing: "phone-in", ready: "check", wrap_up: "edit", break: "coffee", unreachable: "link-off", offline: "link-off" }
const TALKS = ["talking", "held"] // states of a call that a lead may listen to
const MANY = 12 // agents: from here on one looks for a name
const SIGNED_OUT = 4002

const part = (root, name) => root.querySelector(`[data-part="${name}"]`)
const write = (place, text) => place.textContent !== text && (place.textContent = text)

class TeamBoard extends HTMLElement {
  #stream = new Stream("/live/events", [SIGNED_OUT])
  #cards = new Map() // agent's id -> element
  #rows = new Map() // queue's name -> element
  #lines = new Map() // call_id -> element
  #banners = new Map() // queue and kind -> element

  connectedCallback() {
    this.#stream.addEventListener("change", () => this.#draw())
    this.#stream.addEventListener("lost", () => this.#sign())
    this.#stream.addEventListener("end", () => location.reload())
    this.addEventListener("click", (event) => this.#clicked(event))
    this.addEventListener("toggle", (event) => this.#toggled(event.target), true)
    this.addEventListener("input", ({ target }) => target.closest("dialog") || this.#draw())
    this.addEventListener("submit", (event) => {
      event.preventDefault()
      event.stopPropagation() // htmx would send it as well
      this.#send(event.target)
    })
    const chosen = part(this, "department")
    if (chosen) chosen.value = new URLSearchParams(location.search).get("department") ?? ""
    chosen?.addEventListener("change", () => history.replaceState(history.state, "", chosen.value ? `/live?department=${chosen.value}` : "/live"))
    this.#stream.start()
  }

  disconnectedCallback() {
    this.#stream.stop()
  }

  /** Every second: all that counts, and whether we still hear anything. */
  count() {
    this.#sign()
    if (!this.#stream.there) return
    for (const [id, card] of this.#cards) this.#time(card, this.#stream.agents.get(id))
    for (const [id, line] of this.#lines) write(part(line, "time"), length(this.#stream.since(this.#stream.calls.get(id).since)))
    for (const [name, row] of this.#rows) this.#longest(row, this.#stream.queues.get(name))
    for (const alarm of this.#stream.alarms) this.#alarmWords(alarm)
    this.#stats()
  }

  #draw() {
    this.#sign()
    this.#alarms()
    this.#past()
    this.#agents()
    this.#queues()
    this.#calls()
    this.#stats()
    const { exchange, out_of_step: out = 0 } = this.#stream.house
    part(this, "no-exchange").hidden = exchange
    part(this, "step").hidden = !out
    write(part(this, "step-words"), _("Out of step with the exchange: {n}", { n: out }))
  }

  #sign() {
    const stale = this.#stream.isStale
    const sign = part(this, "sign")
    sign.dataset.live = this.#stream.there && !stale ? "yes" : "no"
    write(part(this, "sign-words"), !this.#stream.there ? _("Connecting …") : stale ? _("Out of date") : _("Live, {time}", { time: clock(this.#stream.now) }))
    part(this, "stale").hidden = !(this.#stream.there && stale)
    this.toggleAttribute("data-stale", this.#stream.there && stale)
    if (stale && this.#stream.heardAt) write(part(this, "stale-words"), _("What you see is of {time}. The page tries to reach the service by itself.", { time: clock(this.#stream.heardAt) }))
  }

  // ----------------------------------------------------------------------- agents

  #agents() {
    const all = [...this.#stream.agents.values()]
    const seen = all.filter((each) => this.#isHere(each.department) && this.#isFound(each))
    const groups = Object.fromEntries([...this.querySelectorAll("[data-group]")].map((each) => [each.dataset.group, []]))
    for (const agent of seen) groups[GROUPS[agent.state]].push(agent)
    for (const [name, agents] of Object.entries(groups)) this.#group(name, agents)
    for (const [id, card] of this.#cards) {
      if (card.isConnected) continue
      this.#cards.delete(id)
    }
    part(this, "find").hidden = all.length <= MANY
    part(this, "nobody").hidden = all.length > 0
    part(this, "none-found").hidden = seen.length > 0 || !all.length
  }

  #group(name, agents) {
    const group = this.querySelector(`[data-group=${name}]`)
    const by = name === "offline" ? "name" : "since"
    agents.sort((a, b) => (a[by] < b[by] ? -1 : a[by] > b[by] ? 1 : a.id - b.id))
    group.hidden = agents.length === 0
    write(group.querySelector(".count"), String(agents.length))
    arrange(group.querySelector(".agents"), agents.map((each) => this.#card(each)))
  }

  #card(agent) {
    let card = this.#cards.get(agent.id)
    if (!card) {
      card = this.#new("agent")
      card.dataset.agent = agent.id
      this.#cards.set(agent.id, card)
    }
    card.dataset.state = agent.state
    const face = card.querySelector(".agent")
    face.className = `agent ${DOTS[agent.state]}`
    write(card.querySelector(".avatar"), initials(agent.name))
    write(part(card, "name"), agent.name)
    if (card.dataset.icon !== agent.state) {
      card.dataset.icon = agent.state
      part(card, "icon").replaceChildren(icon(ICONS[agent.state], "xi"))
    }
    write(part(card, "sub"), this.#sub(agent))
    const [call = ""] = agent.calls ?? []
    card.dataset.callId = call
    this.#time(card, agent)
    if (card.open) this.#menu(card)
    return card
  }

  #sub(agent) {
    const call = this.#stream.calls.get(agent.calls?.[0])
    const after = agent.booked ? ` · ${_("{state}, after this call", { state: stateWords(agent.booked.state, agent.booked.reason) })}` : ""
    const listensTo = call?.leads?.some(({ id, way }) => id === agent.id && way !== "join")
    if (listensTo) return _("Listening to {names}", { names: (call.with_names ?? []).join(", ") })
    if (call) return [whoOf(call), this.#titleOf(call)].filter(Boolean).join(" · ") + after
    if (agent.state === "ready") return _("{n} calls today, {missed} missed", { n: agent.done ?? 0, missed: agent.missed ?? 0 })
    if (agent.state === "break" && agent.reason) return breakWords(agent.reason)
    return stateWords(agent.state, "")
  }

  #time(card, agent) {
    const time = part(card, "time")
    const over = Boolean(agent.ends) && this.#stream.until(agent.ends) < 0
    write(time, agent.state === "offline" ? "" : length(this.#stream.since(agent.since)))
    time.classList.toggle("t-bad", over)
    card.querySelector(".agent").classList.toggle("agent--alert", over)
    time.title = over ? _("over by {length}", { length: length(-this.#stream.until(agent.ends)) }) : ""
  }

  #titleOf(call) {
    return this.#stream.queues.get(call.queue)?.title ?? (call.direction === "outbound" ? _("outgoing") : "")
  }

  // ------------------------------------------------------------------------ menus

  #toggled(details) {
    if (!details.matches?.("details[data-menu]")) return
    details.querySelector(".menu")?.remove()
    if (!details.open) return
    for (const other of this.querySelectorAll("details[data-menu][open]")) if (other !== details) other.open = false
    if (details.matches(".live__agent")) {
      details.append(this.#new("agent-menu"))
      this.#menu(details)
    } else {
      const menu = this.#new("call-menu")
      menu.dataset.callId = details.closest("[data-call-id]").dataset.callId
      details.append(menu)
    }
  }

  #menu(card) {
    const agent = this.#stream.agents.get(Number(card.dataset.agent))
    const menu = card.querySelector(".menu")
    if (!menu || !agent) return
    menu.dataset.callId = card.dataset.callId
    const actions = part(menu, "call-actions")
    actions.hidden = !TALKS.includes(this.#stream.calls.get(card.dataset.callId)?.state) || !actions.querySelector("button, a")
    write(part(menu, "title"), `${agent.name} · ${agent.extension}`)
    const why = [stateWords(agent.state, agent.reason), agent.cause ? words({ values: {}, ...agent.cause }) : ""]
    write(part(menu, "why"), why.filter(Boolean).join(", "))
    part(menu, "history").setAttribute("href", `/live/agents/${agent.id}`)
    write(part(menu, "history-words"), _("What {name} did", { name: agent.name }))
  }

  #clicked(event) {
    const wanted = event.target.closest("[data-want]")
    const silenced = event.target.closest("[data-silence]")
    if (wanted) this.#put(wanted.closest("[data-agent]"), wanted.dataset.want)
    if (event.target.closest("[data-message-to]")) this.#write(event.target.closest("[data-agent]"))
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close()
    if (silenced) post(`/live/alerts/${silenced.dataset.queue}/${silenced.dataset.kind}`)
  }

  #write(card) {
    card.open = false
    const dialog = part(this, "message")
    const agent = this.#stream.agents.get(Number(card.dataset.agent))
    dialog.querySelector("h2").textContent = _("Message to {name}", { name: agent.name })
    dialog.querySelector("[name=to]").value = agent.id
    dialog.showModal()
    dialog.querySelector("textarea").focus()
  }

  // What was typed stays in the dialog until it is sent.
  async #send(form) {
    const fields = Object.fromEntries(new FormData(form))
    if (!(await post("/live/messages", fields))) return
    form.reset()
    form.closest("dialog").close()
    toast(_("The message has been sent."))
  }

  async #put(card, want) {
    card.open = false
    card.querySelector("summary").focus()
    if (await post(`/live/agents/${card.dataset.agent}`, { want })) toast(_("The state has been set."))
  }

  // ----------------------------------------------------------------- queues, calls

  #queues() {
    const seen = [...this.#stream.queues.values()].filter((each) => this.#isHere(each.department))
    seen.sort((a, b) => a.title.localeCompare(b.title))
    arrange(this.querySelector(".live__queues tbody"), seen.map((each) => this.#row(each)))
    for (const [name, row] of this.#rows) if (!row.isConnected) this.#rows.delete(name)
    part(this, "no-queues").hidden = seen.length > 0
    this.querySelector(".live__scroll").hidden = seen.length === 0
  }

  #row(queue) {
    let row = this.#rows.get(queue.name)
    if (!row) this.#rows.set(queue.name, (row = this.#new("queue")))
    write(part(row, "title"), queue.title)
    write(part(row, "waiting"), `${queue.waiting ?? 0}${queue.kept ? ` + ${queue.kept}` : ""}`)
    part(row, "waiting").title = queue.kept ? _n("{n} has hung up, keeps the place and is called back", "{n} have hung up, keep their places and are called back", queue.kept) : ""
    write(part(row, "free"), `${queue.ready ?? 0} / ${queue.here ?? 0}`)
    write(part(row, "lost"), String(lost(queue)))
    const now = level(queue)
    const bad = now !== null && now < queue.target
    const place = part(row, "level")
    const words = now === null ? "–" : `${now}%`
    if (place.dataset.drawn !== words + bad) {
      place.dataset.drawn = words + bad
      place.replaceChildren(...(now === null ? [] : [icon(bad ? "alert" : "check", bad ? "t-bad" : "t-ok")]), words)
    }
    place.title = _("In time: within {n} s. The goal is {target}%.", { n: queue.within_s, target: queue.target })
    this.#longest(row, queue)
    return row
  }

  #longest(row, queue) {
    const time = part(row, "longest")
    write(time, queue.longest ? length(this.#stream.since(queue.longest)) : "–")
    time.classList.toggle("t-bad", this.#stream.alarms.some((each) => each.queue === queue.name && each.kind === "wait"))
  }

  #calls() {
    const seen = [...this.#stream.calls.values()].filter((each) => this.#isHereCall(each))
    const waits = (call) => (["waiting", "ringing"].includes(call.state) && call.direction === "inbound" ? 0 : 1)
    seen.sort((a, b) => waits(a) - waits(b) || (a.since < b.since ? -1 : 1))
    arrange(part(this, "calls"), seen.map((each) => this.#line(each)))
    for (const [id, line] of this.#lines) if (!line.isConnected) this.#lines.delete(id)
    write(part(this, "calls-count"), String(seen.length))
    part(this, "no-calls").hidden = seen.length > 0
  }

  #line(call) {
    let line = this.#lines.get(call.call_id)
    if (!line) {
      line = this.#new("call")
      line.dataset.callId = call.call_id
      this.#lines.set(call.call_id, line)
    }
    line.dataset.state = call.state
    const symbol = ["waiting", "ringing"].includes(call.state) ? "clock" : call.state === "held" ? "pause" : call.direction === "outbound" ? "phone-out" : "phone-in"
    if (line.dataset.icon !== symbol) {
      line.dataset.icon = symbol
      part(line, "icon").replaceChildren(icon(symbol))
    }
    write(part(line, "who"), whoOf(call))
    write(part(line, "what"), [CALL_WORDS()[call.state], this.#titleOf(call), (call.with_names ?? []).join(", ")].filter(Boolean).join(" · "))
    part(line, "menu").hidden = !this.querySelector("template[data-row=call-menu]").content.querySelector("button, a") || !TALKS.includes(call.state)
    write(part(line, "time"), length(this.#stream.since(call.since)))
    const leads = (call.leads ?? []).map(({ name, way }) => LEADS()[way](name)).join(", ")
    part(line, "leads").hidden = !leads
    write(part(line, "leads-words"), leads)
    return line
  }

  // ----------------------------------------------------------------------- alarms

  #alarms() {
    const region = part(this, "alarms")
    const seen = this.#stream.alarms.filter((each) => this.#isHereAlarm(each))
    arrange(region, seen.map((each) => this.#banner(each)))
    for (const [key, banner] of this.#banners) if (!banner.isConnected) this.#banners.delete(key)
  }

  #banner(alarm) {
    const key = `${alarm.queue} ${alarm.kind}`
    let banner = this.#banners.get(key)
    if (!banner) this.#banners.set(key, (banner = this.#new("alarm")))
    banner.classList.toggle("banner--bad", !alarm.silenced)
    write(part(banner, "queue"), `${alarm.title}:`)
    write(part(banner, "since"), `· ${_("since {time}", { time: when(alarm.since, live.zone) })}`)
    const button = banner.querySelector("[data-silence]")
    Object.assign(button.dataset, { queue: alarm.queue, kind: alarm.kind })
    button.hidden = Boolean(alarm.silenced)
    part(banner, "silenced").hidden = !alarm.silenced
    write(part(banner, "silenced"), alarm.silenced ? _("silenced by {name}", { name: alarm.silenced }) : "")
    this.#alarmWords(alarm)
    return banner
  }

  #alarmWords(alarm) {
    const banner = this.#banners.get(`${alarm.queue} ${alarm.kind}`)
    if (banner) write(part(banner, "words"), alarmWords(alarm, this.#stream))
  }

  #past() {
    const seen = this.#stream.past.filter((each) => this.#isHereAlarm(each))
    const drawn = JSON.stringify(seen)
    const list = part(this, "past")
    part(this, "past-card").hidden = seen.length === 0
    write(part(this, "past-count"), String(seen.length))
    if (list.dataset.drawn === drawn) return
    list.dataset.drawn = drawn
    list.replaceChildren(...seen.map((each) => this.#over(each)))
  }

  #over(alarm) {
    const line = this.#new("past")
    const lasted = (Date.parse(alarm.until) - Date.parse(alarm.since)) / 1000
    const silenced = alarm.silenced ? _("silenced by {name}", { name: alarm.silenced }) : ""
    write(part(line, "queue"), `${alarm.title}:`)
    write(part(line, "words"), pastWords(alarm))
    write(part(line, "when"), [`${when(alarm.since, live.zone)} – ${when(alarm.until, live.zone)}`, length(lasted), silenced].filter(Boolean).join(" · "))
    return line
  }

  /** A provider is everybody's. */
  #isHereAlarm({ kind, queue }) {
    return kind === "trunk" || this.#isHere(this.#stream.queues.get(queue)?.department)
  }

  // ------------------------------------------------------------------------ the rest

  #stats() {
    const queues = [...this.#stream.queues.values()].filter((each) => this.#isHere(each.department))
    const agents = [...this.#stream.agents.values()].filter((each) => this.#isHere(each.department))
    const all = together(queues)
    const now = level(all)
    const here = agents.filter((each) => each.state !== "offline")
    const wrong = (kind) => this.#stream.alarms.some((each) => each.kind === kind && queues.some((queue) => queue.name === each.queue))
    const average = all.answered ? length(all.waited_s / all.answered) : "–"
    this.#stat("waiting", String(all.waiting), wrong("nobody") ? _("nobody is ready") : "", wrong("nobody"))
    this.#stat("longest", all.longest ? length(this.#stream.since(all.longest)) : "–", all.where, wrong("wait"))
    this.#stat("level", now === null ? "–" : `${now}%`, queues.length === 1 ? _("goal {target}% within {n} s", { target: queues[0].target, n: queues[0].within_s }) : _("{n} calls came in", { n: all.offered }))
    this.#stat("answered", String(all.answered), _("after {length} on average", { length: average }))
    this.#stat("abandoned", String(lost(all)), _("{share} of those who rang", { share: share(lost(all), counted(all)) }), wrong("abandoned"))
    this.#stat("ready", String(here.filter((each) => each.state === "ready").length), _("of {n} who are here", { n: here.length }))
  }

  #stat(key, value, below, bad = false) {
    const stat = this.querySelector(`[data-stat=${key}]`)
    write(stat.querySelector(".stat__v"), value)
    write(stat.querySelector(".stat__d"), below || "\u00a0")
    stat.toggleAttribute("data-bad", bad)
  }

  /** Whether something of that department is to be shown. */
  #isHere(department) {
    const chosen = part(this, "department")?.selectedOptions[0]
    return !chosen?.value || chosen.dataset.below.split(" ").includes(String(department))
  }

  #isHereCall(call) {
    const queue = this.#stream.queues.get(call.queue)
    if (!part(this, "department")?.value || (queue && this.#isHere(queue.department))) return true
    return (call.agents ?? []).some((id) => this.#isHere(this.#stream.agents.get(id)?.department))
  }

  #isFound({ name, extension }) {
    const wanted = plain(part(this, "find").querySelector("input").value)
    return !wanted || plain(name).includes(wanted) || extension.includes(wanted)
  }

  #new(name) {
    return this.querySelector(`template[data-row=${name}]`).content.cloneNode(true).firstElementChild
  }
}

const CALL_WORDS = () => ({
  waiting: _("Waiting"),
  ringing: _("Ringing"),
  calling_agent: _("Calling"),
  calling: _("Calling"),
  remote_ringing: _("Calling"),
  talking: _("In a call"),
  held: _("On hold"),
})
const LEADS = () => ({
  listen: (name) => _("{name} listens", { name }),
  whisper: (name) => _("{name} whispers", { name }),
  join: (name) => _("{name} talks as well", { name }),
})
const whoOf = (call) => call.name || call.number || _("Number withheld")
const clock = (date) => `${timeOfDay(date.toISOString(), live.zone)}:${String(date.getSeconds()).padStart(2, "0")}`
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("đ", "d").replaceAll("Đ", "d").toLowerCase().trim()

async function post(path, form = {}) {
  try {
    await ask(path, { method: "POST", form })
    return true
  } catch (error) {
    toast(error.message, "bad")
    return false
  }
}

customElements.define("team-board", TeamBoard)

everySecond(() => document.querySelector("#page team-board")?.count())
