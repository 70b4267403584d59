// The phone in the page: registers through /phone, answers, mutes, holds, hangs up. It never dials by itself.

import JsSIP from "../vendor/jssip.js"
import { ask } from "./page.js"
import { live } from "./events.js"
import { microphoneTrouble } from "./microphone.js"
import { sound } from "./sound.js"
import { _ } from "./words.js"

const TAKEN_OVER = 4001
const SIGNED_OUT = 4002
const RENEW = 0.7 // of the time a secret is good for
const NEAR = 200 // milliseconds after the first address: the exchange is near, it needs no more of them
const AGAIN = 100 // milliseconds until a change that had to wait is tried again
const PATIENCE = 10_000 // milliseconds until a call that is not explained rings like any other
const EARLY = 5000 // milliseconds that a press counts for a call which is still on its way to this phone
const EXPLAINED = 2000 // milliseconds for /events to say what a second call is
const GOODBYE = 2000 // milliseconds for the exchange to hang up what it says has ended
const TONES = { duration: 120, interToneGap: 180 } // milliseconds: what slow exchanges still understand
const ECHO = "sip:*600@callcenter.invalid" // sends back what it hears: the only number a page may dial
const media = () => ({ mediaConstraints: sound.constraints, pcConfig: { iceServers: [] } })

class Phone extends EventTarget {
  state = "registering" // offline, registering, ready, blocked, taken, none
  why = ""
  since = new Date().toISOString()
  microphone = "" // "ok", or why not
  sessions = new Map() // call_id -> JsSIP's RTCSession
  front = null // of two calls the one that is talked in
  audio = null // the <audio> that plays the other side
  #pressed = null // on a call that has not come to this phone yet
  #ua = null
  #socket = null // the user agent's
  #holding = false // this window has the lock
  #queue = new AbortController() // or waits for it
  #started = false
  #atDesk = false // another phone than this page rings

  constructor() {
    super()
    live.addEventListener("change", () => {
      this.#bury()
      this.#follow()
    })
    sound.addEventListener("change", () => this.#devices())
  }

  async start() {
    if (!live.me.extension) return this.#become("none")
    this.#started = true
    if (live.me.rings !== "browser") return this.#follow()
    this.#become("registering")
    if (!(await this.#mayHear())) return
    this.#hold(false)
  }

  /** Somebody pressed "try again". */
  async retry() {
    live.retry()
    if (this.#atDesk) return this.#follow()
    this.#stop()
    if (this.state === "blocked") return this.start()
    this.#become("registering")
    this.#connect()
  }

  /** The phone leaves the other window and comes here. */
  takeOver() {
    this.#hold(true)
  }

  answer(callId) {
    this.#press(callId, (session) => session.answer(media()))
  }

  decline(callId) {
    this.#press(callId, (session) => session.terminate({ status_code: 486 }))
  }

  // The page hears that this phone is called a moment before the phone does.
  #press(callId, press) {
    const session = this.sessions.get(callId)
    if (session) press(session)
    else this.#pressed = { callId, press, until: Date.now() + EARLY }
  }

  /** A call to oneself, for the check before the shift; JsSIP's session, or null. */
  echo() {
    if (!this.#ua || this.sessions.size) return null
    const session = this.#ua.call(ECHO, media())
    session.on("icecandidate", ({ ready }) => setTimeout(ready, NEAR))
    return session
  }

  /** False when this window has nothing of that call. */
  hangUp(callId) {
    const session = this.sessions.get(callId)
    if (!session || session.isEnded()) return false
    session.terminate()
    return true
  }

  mute(callId, on) {
    const session = this.sessions.get(callId)
    if (session) on ? session.mute({ audio: true }) : session.unmute({ audio: true })
    this.#tell()
  }

  hold(callId, on) {
    const session = this.sessions.get(callId)
    if (!session) return
    session.wantsHold = on
    this.#agree(session)
  }

  // The exchange must have agreed to one change before it hears of the next: a quick second press waits.
  #agree(session) {
    if (session.isEnded() || session.isOnHold().local === session.wantsHold) return
    const asked = session.wantsHold ? session.hold() : session.unhold()
    if (!asked) setTimeout(() => this.#agree(session), AGAIN)
  }

  /** Send keys one after the other; a comma is a pause. "tone" tells when each goes out: {callId, tone, left}. */
  press(callId, keys) {
    const session = this.sessions.get(callId)
    const sender = dtmfOf(session)
    if (!sender) return
    sender.ontonechange = ({ tone }) => {
      const left = sender.toneBuffer.replaceAll(",", "").length
      this.dispatchEvent(new CustomEvent("tone", { detail: { callId, tone: tone.trim(), left } }))
    }
    session.sendDTMF(keys, { ...TONES, transportType: "RFC2833" })
  }

  /** Those not sent yet are not sent. */
  stopPressing(callId) {
    dtmfOf(this.sessions.get(callId))?.insertDTMF("")
    this.dispatchEvent(new CustomEvent("tone", { detail: { callId, tone: "", left: 0 } }))
  }

  isMuted(callId) {
    return this.sessions.get(callId)?.isMuted().audio ?? false
  }

  isHeld(callId) {
    return this.sessions.get(callId)?.isOnHold().local ?? false
  }

  connection(callId) {
    return this.sessions.get(callId)?.connection
  }

  has(callId) {
    return this.sessions.has(callId)
  }

  /** Whether a call of this agent is answered here. */
  get rings() {
    return this.state === "ready" && !this.#atDesk
  }

  talksIn(callId) {
    return this.sessions.get(callId)?.isEstablished() ?? false
  }

  /** Whether it is a call that we had before the page was left, and answers itself. */
  returns(callId) {
    return this.sessions.get(callId)?.returns ?? false
  }

  /** Hold the call that is talked in, and answer the other. */
  answerSecond(now, callId) {
    this.hold(now, true)
    this.#come(callId)
    this.answer(callId)
  }

  /** Hold the call that is talked in, and go on with the held one. */
  swap(now, callId) {
    this.hold(now, true)
    this.hold(callId, false)
    this.#come(callId)
  }

  // Which phone rings is chosen in the account, whatever page is open.
  #follow() {
    if (!this.#started || !live.me) return
    const was = this.#atDesk
    this.#atDesk = live.me.rings !== "browser"
    if (was && !this.#atDesk) return this.start()
    if (!this.#atDesk) return
    if (!was) this.#stop()
    this.microphone = "ok"
    const there = live.me.phone !== "unreachable"
    this.#become(there ? "ready" : "offline", there ? "" : live.me.rings === "mobile" ? _("The exchange cannot call mobile phones.") : _("Your desk phone is not signed in at the exchange."))
  }

  // One window of a browser has the phone: the lock goes to the next one when it is closed.
  async #hold(steal) {
    if (!navigator.locks || this.#holding) {
      this.#become("registering")
      return this.#connect()
    }
    this.#queue.abort()
    this.#queue = new AbortController()
    const waiting = setTimeout(() => this.#become("taken"), 400)
    let had = false
    const held = () => {
      clearTimeout(waiting)
      had = this.#holding = true
      this.#become("registering")
      this.#connect()
      return new Promise(() => {}) // until the window is closed, or another one steals it
    }
    try {
      await navigator.locks.request("callcenter-phone", steal ? { steal } : { signal: this.#queue.signal }, held)
    } catch {
      clearTimeout(waiting)
      if (had) this.#lost()
    }
  }

  // In a call the connection stays until the other window has one: then the service closes ours, the customer hears
  // music for a moment, and the call goes on there.
  #lost() {
    this.#holding = false
    if (this.#isBusy && this.#ua?.isConnected()) return
    this.#stop()
    this.#become("taken")
    this.#hold(false)
  }

  #stop() {
    const ua = this.#ua
    this.#ua = null
    clearTimeout(this.renewal)
    if (!ua) return
    // Saying goodbye takes it two seconds; cut off meanwhile it would connect again, and take the phone back.
    this.#socket.connect = () => {}
    ua.stop()
  }

  async #mayHear() {
    const trouble = await microphoneTrouble(sound.constraints)
    this.microphone = trouble?.short ?? "ok"
    if (trouble) this.#become("blocked", trouble.why)
    else sound.refresh()
    return !trouble
  }

  async #connect() {
    let account
    try {
      account = await ask("/api/v1/me/phone")
    } catch (error) {
      if (error.status === 401) return location.reload()
      this.#become("offline", error.message)
      this.timer = setTimeout(() => this.#ua || this.state === "taken" || this.#connect(), 5000)
      return
    }
    if (this.#ua || this.#atDesk || this.state === "taken") return // another answer was quicker
    this.#renewLater(account.expires_in)
    const ua = (this.#ua = this.#userAgent(account))
    const mine = (handle) => (event) => ua === this.#ua && handle(event)
    ua.on("connecting", mine(() => this.state === "offline" || this.#become("registering")))
    ua.on("registered", mine(() => this.#become("ready")))
    ua.on("unregistered", mine(() => this.#become("offline", _("The exchange has signed this phone off."))))
    ua.on("registrationFailed", mine(({ cause }) => this.#refused(cause)))
    ua.on("disconnected", mine((event) => this.#disconnected(event)))
    ua.on("newRTCSession", mine((event) => this.#session(event)))
    ua.start()
  }

  #userAgent({ uri, extension, secret }) {
    const address = new URL("/phone", location.href.replace(/^http/, "ws")).href
    const own = `${crypto.getRandomValues(new Uint32Array(2)).join("")}.invalid`
    this.#socket = new JsSIP.WebSocketInterface(address)
    return new JsSIP.UA({
      sockets: [this.#socket],
      uri,
      password: secret,
      contact_uri: `sip:${extension}@${own};transport=ws`,
      register_expires: 120,
      session_timers: false,
      user_agent: "callcenter",
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
    })
  }

  #renewLater(seconds) {
    clearTimeout(this.renewal)
    this.renewal = setTimeout(() => this.#renew(), seconds * RENEW * 1000)
  }

  async #renew() {
    if (!this.#ua) return
    try {
      const { secret, expires_in } = await ask("/api/v1/me/phone")
      this.#ua?.set("password", secret)
      this.#renewLater(expires_in)
    } catch (error) {
      // Signed out in a call, by somebody else: the call goes on, and the page goes after it.
      if (error.status === 401 && !this.sessions.size) return location.reload()
      this.#renewLater(10 / RENEW)
    }
  }

  #refused(cause) {
    this.#become("offline", _("The exchange did not accept this phone ({cause}).", { cause }))
    this.#renew()
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.#ua?.isConnected() && this.#ua.register(), 3000)
  }

  #disconnected({ code }) {
    if (code === TAKEN_OVER) return this.#elsewhere()
    if (code === SIGNED_OUT) return location.reload()
    if (code === undefined) return // we closed it ourselves
    this.#become("offline", code === 1013 ? _("The exchange does not answer. The page tries again by itself.") : _("The connection to the service is lost. The page tries again by itself."))
    if (code >= 4000) this.#renew() // the secret was too old: a computer that slept
  }

  // Taken by another browser: no lock tells us so, and to take it back is for the person to decide.
  #elsewhere() {
    this.#stop()
    this.#become("taken")
    if (!this.#holding && navigator.locks) this.#hold(false)
  }

  #session({ session, request, originator }) {
    if (originator !== "remote") return
    const callId = request.getHeader("X-Call") || request.getHeader("Call-ID")
    session.returns = Boolean(request.getHeader("X-Return"))
    session.listens = Boolean(request.getHeader("X-Listen")) // to a call of an agent, by our own wish
    if (session.returns) for (const other of this.sessions.keys()) this.hold(other, true) // two that we had
    if (session.returns || session.listens || !this.#isBusy) this.#take(callId, session)
    else this.#whenExplained(callId, session, (call) => (isWelcome(call) ? this.#take(callId, session) : session.terminate({ status_code: 486 })))
  }

  get #isBusy() {
    return [...this.sessions.values()].some((other) => !other.isEnded())
  }

  #take(callId, session) {
    this.sessions.set(callId, session)
    session.caller = { number: session.remote_identity.uri.user, name: session.remote_identity.display_name ?? "", at: new Date().toISOString() }
    session.on("peerconnection", ({ peerconnection }) => this.#listen(callId, session, peerconnection))
    session.on("icecandidate", ({ ready }) => setTimeout(ready, NEAR))
    for (const name of ["accepted", "confirmed", "hold", "unhold", "muted", "unmuted"]) session.on(name, () => this.#tell())
    session.on("getusermediafailed", () => this.#mayHear())
    const over = () => {
      if (this.sessions.get(callId) === session) this.sessions.delete(callId)
      const [other] = this.sessions.keys()
      this.#come(other ?? null)
    }
    session.on("ended", over)
    session.on("failed", over)
    const pressed = this.#pressed
    this.#pressed = null
    if (session.returns || session.listens) session.answer(media())
    else if (pressed?.callId === callId && Date.now() < pressed.until) pressed.press(session)
    else this.#answerOwn(callId, session)
    this.#tell()
  }

  // SIP may be quicker than /events, which knows what kind of call it is. A call that it never explains is none.
  #whenExplained(callId, session, done) {
    const look = () => {
      const call = live.calls.get(callId)
      if (!call && !session.isEnded()) return false
      live.removeEventListener("change", look)
      clearTimeout(late)
      if (!session.isEnded()) done(call)
      return true
    }
    const late = setTimeout(() => session.isEnded() || live.calls.has(callId) || session.terminate({ status_code: 486 }), EXPLAINED)
    live.addEventListener("change", look)
    look()
  }

  // Our own call rings at our own phone first. Its id may be known a moment later than it rings.
  #answerOwn(callId, session) {
    const look = () => {
      const call = live.calls.get(callId)
      if (session.isEnded() || session.isEstablished()) return true
      if (!call || call.direction !== "outbound" || call.placed_by !== live.me?.extension) return Boolean(call)
      session.answer(media())
      return true
    }
    if (look()) return
    const changed = () => look() && live.removeEventListener("change", changed)
    live.addEventListener("change", changed)
    setTimeout(() => live.removeEventListener("change", changed), PATIENCE)
  }

  // An exchange that fell has forgotten the call and never hangs it up: nothing new could ring here.
  #bury() {
    for (const [callId, session] of this.sessions) {
      if (isOver(callId, session)) setTimeout(() => isOver(callId, session) && session.terminate(), GOODBYE)
    }
  }

  #listen(callId, session, connection) {
    connection.addEventListener("track", ({ streams, track }) => {
      session.heard = streams[0] ?? new MediaStream([track])
      if (!this.front || this.front === callId || !this.talksIn(this.front)) this.#play(session)
    })
  }

  #play(session) {
    this.audio.srcObject = session.heard
    this.audio.play().catch(() => {}) // plays as soon as somebody touches the page
  }

  // Of two calls this one is heard and shown.
  #come(callId) {
    this.front = callId
    const session = this.sessions.get(callId)
    if (session?.heard && this.audio.srcObject !== session.heard) this.#play(session)
    this.#tell()
  }

  // Other devices were chosen, or one is gone: also in the middle of a call.
  async #devices() {
    const id = sound.idOf("talk")
    if (this.audio?.sinkId !== id) this.audio?.setSinkId?.(id).catch(() => {})
    for (const session of this.sessions.values()) await hearBy(session).catch(() => {}) // said by listening.js
  }

  #become(state, why = "") {
    if (state !== this.state) this.since = new Date().toISOString()
    this.state = state
    this.why = why
    this.#tell()
  }

  #tell() {
    this.dispatchEvent(new Event("change"))
  }
}

// The call's microphone is the chosen one.
async function hearBy(session) {
  const sender = session.connection?.getSenders().find(({ track }) => track?.kind === "audio")
  const now = sender?.track.getSettings().deviceId
  const wanted = sound.idOf("hear") || "default"
  if (!sender || (sender.track.readyState === "live" && now === wanted)) return
  const [track] = (await navigator.mediaDevices.getUserMedia(sound.constraints)).getAudioTracks()
  const old = sender.track
  track.enabled = old.enabled
  await sender.replaceTrack(track)
  old.stop()
  for (const end of ["ended", "failed"]) session.on(end, () => track.stop()) // JsSIP knows only its own
}

const dtmfOf = (session) => session?.connection?.getSenders().find(({ dtmf }) => dtmf)?.dtmf

// While we talk only somebody who has to do with it may knock, never the next customer of a queue.
const isWelcome = (call) => Boolean(call?.agents.length || call?.consult)

const isOver = (callId, session) =>
  session.isEstablished() && live.connected && live.me.exchange && (live.calls.get(callId)?.mine ?? "ended") === "ended"

export const phone = new Phone()
