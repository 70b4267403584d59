// What the service tells live of the team: the whole first, then news, and every second that there are none.
// Lost connections come back; then the whole is told again.

const LONGEST_WAIT = 5000
const STALE_MS = 2500 // without a word for so long: what is shown may not be so any more

/** "change" after each message and when the connection comes or goes; "end" {code} when it is not to come back. */
export class Stream extends EventTarget {
  agents = new Map() // id -> line (callcenter/live/lines.py)
  queues = new Map() // name -> line
  calls = new Map() // call_id -> line
  alarms = []
  past = [] // alarms that are over, the last first
  house = { exchange: true, out_of_step: 0 }
  there = false // the whole has been told
  #path
  #over // codes of closing after which there is nothing to come back to
  #socket = null
  #ahead = 0 // milliseconds that this computer's clock is ahead of the service's
  #heard = 0
  #wait = 300

  constructor(path, over) {
    super()
    this.#path = path
    this.#over = over
  }

  start() {
    clearTimeout(this.timer)
    const socket = new WebSocket(new URL(this.#path, location.href.replace(/^http/, "ws")))
    this.#socket = socket
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data))
    socket.onclose = ({ code }) => socket === this.#socket && this.#lost(code)
  }

  stop() {
    clearTimeout(this.timer)
    const socket = this.#socket
    this.#socket = null
    socket?.close()
  }

  /** Whether what is shown is older than it may be. */
  get isStale() {
    return Date.now() - this.#heard > STALE_MS
  }

  /** When something was last heard, by this computer's clock. */
  get heardAt() {
    return this.#heard ? new Date(this.#heard) : null
  }

  /** The service's time, as a date. */
  get now() {
    return new Date(Date.now() - this.#ahead)
  }

  /** Seconds from `iso` (of the service's clock) to now. */
  since(iso) {
    return Math.max(0, (Date.now() - this.#ahead - Date.parse(iso)) / 1000)
  }

  until(iso) {
    return (Date.parse(iso) - Date.now() + this.#ahead) / 1000
  }

  #lost(code) {
    if (this.#over.includes(code)) return this.dispatchEvent(new CustomEvent("end", { detail: code }))
    this.dispatchEvent(new Event("lost"))
    this.timer = setTimeout(() => this.start(), this.#wait * (0.5 + Math.random() / 2))
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT)
  }

  #hear(message) {
    this.#heard = Date.now()
    if (message.type === "hello") this.#ahead = Date.now() - Date.parse(message.now)
    if (message.type === "whole") this.#whole(message)
    if (message.type === "news") this.#news(message)
    if (message.type !== "hello") this.dispatchEvent(new CustomEvent("change", { detail: message.type }))
  }

  #whole({ agents, queues, calls, alarms, past = [], house }) {
    this.#wait = 300
    this.there = true
    this.agents = new Map(agents.map((each) => [each.id, each]))
    this.queues = new Map(queues.map((each) => [each.name, each]))
    this.calls = new Map(calls.map((each) => [each.call_id, each]))
    this.alarms = alarms
    this.past = past
    this.house = house
  }

  #news({ agents = [], queues = [], calls = [], gone = [], alarms, past, house }) {
    for (const each of agents) this.agents.set(each.id, each)
    for (const each of queues) this.queues.set(each.name, each)
    for (const each of calls) this.calls.set(each.call_id, each)
    for (const id of gone) this.calls.delete(id)
    if (alarms) this.alarms = alarms
    if (past) this.past = past
    if (house) this.house = house
  }
}

/** What the queues say together: {waiting, longest, offered, answered, in_time, abandoned, short, waited_s, where}. */
export function together(queues) {
  const all = { waiting: 0, longest: null, offered: 0, answered: 0, in_time: 0, abandoned: 0, short: 0, waited_s: 0, where: "" }
  for (const queue of queues) {
    for (const name of ["waiting", "offered", "answered", "in_time", "abandoned", "short", "waited_s"]) all[name] += queue[name] ?? 0
    if (!queue.longest || (all.longest && all.longest <= queue.longest)) continue
    all.longest = queue.longest
    all.where = queue.title
  }
  return all
}

/** Today's calls that could have been answered, as reports count them: without those that hung up at once. */
export const counted = ({ offered = 0, short = 0 }) => offered - short

/** And those of them that hung up before they were answered. */
export const lost = ({ abandoned = 0, short = 0 }) => abandoned - short

/** Today's share of calls that were answered in time, 0 to 100; null without calls. */
export const level = (queue) => (counted(queue) ? Math.round((100 * (queue.in_time ?? 0)) / counted(queue)) : null)

/** Put `elements` into `parent` in this order, moving only what stands elsewhere. */
export function arrange(parent, elements) {
  elements.forEach((element, place) => {
    if (parent.children[place] !== element) parent.insertBefore(element, parent.children[place] ?? null)
  })
  while (parent.children.length > elements.length) parent.lastElementChild.remove()
}
