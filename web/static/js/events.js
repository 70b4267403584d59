// /events: the whole state first, then each change. Lost connections come back; nothing is remembered across them.

const LONGEST_WAIT = 15_000
const KEPT_ENDED = 20
const SIGNED_OUT = 4002
const TOLD = new Set(["given", "note", "noted", "alarms", "messages", "listening", "trunks", "letter"]) // with more to say than that there is something new

class Live extends EventTarget {
  me = null
  calls = new Map() // call_id -> call; those alive, and the last that ended
  found = new Set() // ids of the calls that were there when the page came
  recent = []
  breaks = [] // reasons: {code, name_vi, name_en, minutes, offered}
  inbox = null // {missed, due, mark}: who waits to be called back
  reminders = [] // callbacks whose time has come
  listening = null // where I, a lead, am with an agent: {call_id, way, where, agent, since}
  heard = [] // leads who are with me in a call: {call_id, by, way}
  jobs = new Map() // id -> my long work that is not over
  zone = undefined // the company's, as IANA names it
  connected = false
  ahead = 0 // milliseconds that this computer's clock is ahead of the service's
  #socket = null
  #wait = 500
  #failed = 0

  start() {
    if (this.#socket) return
    this.#open()
    window.addEventListener("online", () => this.retry())
    document.addEventListener("visibilitychange", () => document.hidden || this.retry())
  }

  /** Try again now instead of later. */
  retry() {
    if (this.connected || this.#socket?.readyState === WebSocket.CONNECTING) return
    this.#wait = 500
    this.#open()
  }

  say(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  /** Seconds from `iso` (of the service's clock) to now. */
  since(iso) {
    return Math.max(0, (Date.now() - this.ahead - Date.parse(iso)) / 1000)
  }

  /** Seconds from now to `iso`; below nothing once it is past. */
  until(iso) {
    return (Date.parse(iso) - Date.now() + this.ahead) / 1000
  }

  #open() {
    clearTimeout(this.timer)
    const socket = new WebSocket(new URL("/events", location.href.replace(/^http/, "ws")))
    this.#socket = socket
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data))
    socket.onclose = ({ code }) => socket === this.#socket && this.#lost(code)
  }

  #lost(code) {
    this.connected = false
    this.#tell("connection")
    if (code === SIGNED_OUT) return location.reload()
    this.#failed += 1
    if (this.#failed === 3) this.#askWhetherSignedIn()
    this.timer = setTimeout(() => this.#open(), this.#wait * (0.5 + Math.random() / 2))
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT)
  }

  // A refused handshake does not say why; a session that is over would be tried for ever.
  async #askWhetherSignedIn() {
    try {
      const answer = await fetch("/api/v1/me", { headers: { Accept: "application/json" } })
      const talking = [...this.calls.values()].some(({ mine }) => mine === "talking" || mine === "held")
      if (answer.status === 401 && talking) this.#failed = 0 // the call goes on: asked again later
      else if (answer.status === 401) location.reload()
    } catch {
      this.#failed = 0 // no network: asked again later
    }
  }

  #hear(message) {
    if (message.type === "state") this.#state(message)
    else if (message.type === "agent") this.me = message.me
    else if (message.type === "call") this.#call(message.call)
    else if (message.type === "inbox") this.#inbox(message)
    else if (message.type === "job") this.#job(message.job)
    else if (message.type === "listening") this.listening = message.listening
    else if (message.type === "heard") this.heard = message.heard
    else if (message.type === "breaks") this.breaks = message.breaks
    if (message.type !== "job") this.#tell(message.type, TOLD.has(message.type) && message)
  }

  #inbox({ inbox = null, reminders = [] }) {
    this.inbox = inbox
    this.reminders = reminders
  }

  #state({ me, calls, recent, now, zone, breaks = [], jobs = [], inbox, reminders, alarms = [], messages = [], trunks = [], listening = null, heard = [] }) {
    this.listening = listening
    this.heard = heard
    this.#inbox({ inbox, reminders })
    this.connected = true
    this.#wait = 500
    this.#failed = 0
    this.ahead = Date.now() - Date.parse(now)
    this.me = me
    this.zone = zone
    this.recent = recent
    for (const call of calls) if (call.state === "ended") this.#remember(call) // not written down yet, it may be
    this.breaks = breaks
    // What we drew as ended stays; what we drew as alive and is not there any more has ended unseen.
    this.calls = new Map(calls.map((call) => [call.call_id, call]))
    this.found = new Set(this.calls.keys())
    const before = [...this.jobs.keys()]
    this.jobs = new Map(jobs.map((job) => [job.id, job]))
    for (const id of before) if (!this.jobs.has(id)) this.#tell("lost-job", { id }) // it ended meanwhile
    this.#tell("alarms", { alarms })
    this.#tell("messages", { messages })
    this.#tell("trunks", { trunks })
  }

  #job(job) {
    job.finished_at ? this.jobs.delete(job.id) : this.jobs.set(job.id, job)
    this.#tell("job", job)
  }

  #call(call) {
    const others = this.calls.get(call.call_id)?.mine === "listening"
    this.calls.delete(call.call_id)
    this.calls.set(call.call_id, call)
    const ended = [...this.calls.values()].filter((each) => each.mine === "ended")
    for (const old of ended.slice(0, -KEPT_ENDED)) this.calls.delete(old.call_id)
    if (call.state === "ended" && !others) this.#remember(call)
  }

  #remember({ call_id, direction, result, number, shown, customer, caller_name, started_at }) {
    if (!number || (direction === "inbound" && result !== "answered" && !call_id)) return
    const others = this.recent.filter((each) => each.call_id !== call_id)
    const name = customer?.name ?? ""
    this.recent = [{ call_id, direction, result, number, shown, name, customer_id: customer?.id ?? null, started_at }, ...others].slice(0, 3)
  }

  /** "change" says what kind of thing has changed; those with more to say are events of their own. */
  #tell(type, detail) {
    if (detail) this.dispatchEvent(new CustomEvent(type, { detail }))
    this.dispatchEvent(new CustomEvent("change", { detail: type }))
  }
}

export const live = new Live()
