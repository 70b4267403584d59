// <wall-board>: the team on a television. Nobody touches it: it comes back by itself, and says when it is out of date.

import { everySecond, length, timeOfDay } from "./clock.js"
import { arrange, counted, level, lost, Stream, together } from "./live-stream.js"
import { alarmWords, share, stateNames } from "./live-words.js"
import { icon } from "./page.js"
import { _, language } from "./words.js"

const REVOKED = 4004
const ORDER = ["talking", "on_hold", "ringing", "ready", "wrap_up", "unreachable", "break", "offline"]
const DOTS = { ready: "k-ok", unreachable: "k-bad", break: "k-3", ringing: "k-2", talking: "k-acc", on_hold: "k-acc", wrap_up: "k-warn", offline: "" }
const FEW = 14 // people in two columns of seven; more come in three columns of nine, and in turn
const MANY = 27
const TURN_S = 10
const RENEW_MS = 60_000 // a page whose link is unknown when it comes back asks the service what it is now

const part = (root, name) => root.querySelector(`[data-part="${name}"]`)
const write = (place, text) => place.textContent !== text && (place.textContent = text)

class WallBoard extends HTMLElement {
  #rows = new Map()
  #people = new Map()
  #banners = new Map()
  #failed = 0

  connectedCallback() {
    this.stream = new Stream(this.dataset.path, [REVOKED])
    this.stream.addEventListener("change", () => this.#draw())
    this.stream.addEventListener("lost", () => this.#lost())
    this.stream.addEventListener("end", () => this.#end())
    this.stream.start()
    this.#clock()
  }

  count() {
    this.#clock()
    this.#sign()
    if (this.stream.there) this.#draw()
  }

  // A handshake that is refused does not say why: a link that is revoked is no page any more.
  async #lost() {
    this.#sign()
    this.#failed += 1
    if (this.#failed % 4) return
    try {
      const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } })
      if (answer.status === 404) this.#end()
    } catch {
      // no network: tried again
    }
  }

  #end() {
    this.stream.stop()
    this.ended = true
    part(this, "over").hidden = false
    setTimeout(() => location.reload(), RENEW_MS)
  }

  #draw() {
    this.#failed = 0
    this.#sign()
    this.#alarms()
    this.#numbers()
    this.#queues()
    this.#states()
    this.#persons()
  }

  #clock() {
    const now = this.stream.now
    write(part(this, "clock"), timeOfDay(now.toISOString(), this.dataset.zone))
    write(part(this, "day"), new Intl.DateTimeFormat(language === "vi" ? "vi" : "en-GB", { weekday: "long", day: "2-digit", month: "2-digit", year: "numeric", timeZone: this.dataset.zone }).format(now))
  }

  #sign() {
    const stale = this.stream.there && this.stream.isStale
    part(this, "sign").dataset.live = this.stream.there && !stale ? "yes" : "no"
    this.toggleAttribute("data-stale", stale)
    const since = stale ? timeOfDay(this.stream.heardAt.toISOString(), this.dataset.zone) : ""
    const away = this.stream.there && !this.stream.house.exchange
    write(part(this, "sign-words"), !this.stream.there ? _("Connecting …") : stale ? _("Out of date since {time}", { time: since }) : away ? _("The exchange does not answer") : _("Live now"))
    if (away) part(this, "sign").dataset.live = "no"
  }

  #alarms() {
    const seen = this.stream.alarms.slice(0, 3)
    arrange(part(this, "alarms"), seen.map((alarm) => {
      const key = `${alarm.queue} ${alarm.kind}`
      if (!this.#banners.has(key)) this.#banners.set(key, this.#new("alarm"))
      const banner = this.#banners.get(key)
      write(part(banner, "queue"), alarm.title)
      write(part(banner, "words"), alarmWords(alarm, this.stream))
      return banner
    }))
  }

  #numbers() {
    const queues = [...this.stream.queues.values()]
    const all = together(queues)
    const wrong = new Set(this.stream.alarms.map((each) => each.kind))
    const now = level(all)
    const target = queues.length ? Math.min(...queues.map((each) => each.target)) : 0
    const here = [...this.stream.agents.values()].filter((each) => each.state !== "offline")
    const ready = here.filter((each) => each.state === "ready").length
    const longest = all.longest ? length(this.stream.since(all.longest)) : ""
    this.#number("waiting", all.waiting, longest ? _("longest {length}, {queue}", { length: longest, queue: all.where }) : _("nobody waits"), wrong.has("wait"))
    this.#number("level", now === null ? "–" : `${now}%`, _("goal {target}%", { target }), now !== null && now < target)
    this.#number("answered", all.answered, all.answered ? _("after {length} on average", { length: length(all.waited_s / all.answered) }) : "")
    this.#number("abandoned", lost(all), _("{share} of those who rang", { share: share(lost(all), counted(all)) }), wrong.has("abandoned"))
    this.#number("ready", ready, _("of {n} who are here", { n: here.length }), wrong.has("nobody"))
  }

  #number(key, value, below, bad = false) {
    const box = this.querySelector(`[data-number=${key}]`)
    write(box.querySelector("b"), String(value))
    write(part(box, "below"), below || "\u00a0")
    box.classList.toggle("bad", bad)
    part(box, "warn").hidden = !bad
  }

  #queues() {
    const weight = (each) => -(each.waiting ?? 0)
    const seen = [...this.stream.queues.values()].sort((a, b) => a.title.localeCompare(b.title))
    const most = seen.length > 5 ? [...seen].sort((a, b) => weight(a) - weight(b)).slice(0, 5) : seen
    arrange(part(this, "queues").querySelector("tbody"), most.map((queue) => this.#queue(queue)))
    part(this, "queues").hidden = seen.length === 0
  }

  #queue(queue) {
    if (!this.#rows.has(queue.name)) this.#rows.set(queue.name, this.#new("queue"))
    const row = this.#rows.get(queue.name)
    const waits = this.stream.alarms.some((each) => each.queue === queue.name && each.kind === "wait")
    const now = level(queue)
    const bad = now !== null && now < queue.target
    write(part(row, "title"), queue.title)
    write(part(row, "waiting"), String(queue.waiting ?? 0))
    write(part(row, "longest"), queue.longest ? length(this.stream.since(queue.longest)) : "–")
    part(row, "longest").classList.toggle("t-bad", waits)
    const place = part(row, "level")
    const words = now === null ? "–" : `${now}%`
    if (place.dataset.drawn !== words + bad) {
      place.dataset.drawn = words + bad
      place.classList.toggle("t-bad", bad)
      place.replaceChildren(...(now === null ? [] : [icon(bad ? "alert" : "check", bad ? "" : "t-ok")]), words)
    }
    return row
  }

  #states() {
    const agents = [...this.stream.agents.values()]
    const here = agents.filter((each) => each.state !== "offline").length || 1
    for (const place of this.querySelectorAll("[data-count]")) {
      const kinds = { talking: ["talking", "on_hold"], break: ["break", "unreachable"] }[place.dataset.count] ?? [place.dataset.count]
      const n = agents.filter((each) => kinds.includes(each.state)).length
      write(place.querySelector("b"), String(n))
      place.querySelector(".progress").style.setProperty("--v", `${Math.round((100 * n) / here)}%`)
    }
  }

  #persons() {
    const all = [...this.stream.agents.values()]
    const seen = all.length > FEW ? all.filter((each) => each.state !== "offline") : all
    seen.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (a.since < b.since ? -1 : a.since > b.since ? 1 : a.id - b.id))
    const place = part(this, "people")
    place.toggleAttribute("data-many", seen.length > FEW)
    const size = seen.length > FEW ? MANY : FEW
    const pages = Math.max(1, Math.ceil(seen.length / size))
    const page = Math.floor(Date.now() / 1000 / TURN_S) % pages
    const names = shortNames(all)
    arrange(place, seen.slice(page * size, (page + 1) * size).map((each) => this.#person(each, names.get(each.id))))
    for (const id of this.#people.keys()) if (!this.stream.agents.has(id)) this.#people.delete(id)
    part(this, "pages").hidden = pages < 2
    write(part(this, "pages"), `${page + 1} / ${pages}`)
  }

  #person(agent, name) {
    if (!this.#people.has(agent.id)) this.#people.set(agent.id, this.#new("person"))
    const row = this.#people.get(agent.id)
    const over = Boolean(agent.ends) && this.stream.until(agent.ends) < 0
    row.querySelector(".dot").className = `dot ${DOTS[agent.state]}`
    row.dataset.state = agent.state
    write(part(row, "name"), name)
    write(part(row, "state"), stateNames()[agent.state])
    write(part(row, "time"), agent.state === "offline" ? "" : length(this.stream.since(agent.since)))
    part(row, "time").classList.toggle("t-bad", over)
    return row
  }

  #new(name) {
    return this.querySelector(`template[data-row=${name}]`).content.cloneNode(true).firstElementChild
  }
}

/** id -> the last two words of each name, all of it where two are called the same. */
function shortNames(agents) {
  const short = ({ name }) => name.trim().split(/\s+/).slice(-2).join(" ")
  const times = new Map()
  for (const each of agents) times.set(short(each), (times.get(short(each)) ?? 0) + 1)
  return new Map(agents.map((each) => [each.id, times.get(short(each)) > 1 ? each.name : short(each)]))
}

customElements.define("wall-board", WallBoard)

everySecond(() => document.querySelector("wall-board")?.count())
