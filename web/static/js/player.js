// <call-player call="…" seconds="…" at="…">: one recording, both parties as two lanes, to be heard from any second.

import { live } from "./events.js"
import { ask, toast } from "./page.js"
import { step } from "./player-list.js"
import { Notes } from "./player-notes.js"
import { Sides } from "./player-sides.js"
import { apart, beyond, chosen, clock, LANE, lane, length, silences } from "./player-sums.js"
import { _ } from "./words.js"

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]
const STORED = "player" // what one has chosen for all recordings
const TOLD_EVERY = 30 // seconds heard, after which the service is told while it plays on
const STEPS = { ArrowLeft: -5, ArrowRight: 5, j: -10, l: 10, PageDown: -30, PageUp: 30 }

let current // whom keys are for when nothing else has the focus: whoever was heard last

class CallPlayer extends HTMLElement {
  connectedCallback() {
    this.box = this.querySelector(".player")
    this.wave = this.querySelector(".wave")
    this.speed = this.querySelector("[data-speed]")
    this.duration = Number(this.getAttribute("seconds")) || 0
    this.at = Math.min(Number(this.getAttribute("at")) || 0, this.duration)
    this.wishes = chosen(localStorage.getItem(STORED), SPEEDS)
    this.muted = {}
    this.silent = []
    this.heard = new Set() // whole seconds
    this.told = 0
    this.style()
    this.notes = new Notes(this)
    this.listen()
    this.show()
    this.paint()
    this.seen = new IntersectionObserver(([entry]) => entry.isIntersecting && this.draw())
    this.seen.observe(this)
    if (this.at) this.scrollIntoView({ block: "nearest" })
  }

  disconnectedCallback() {
    this.seen.disconnect()
    this.tell()
    this.away.abort()
    this.audio?.pause()
    if (current === this) current = undefined
  }

  /** Most pages have no player, and need no looks of one. */
  style() {
    const address = this.getAttribute("looks")
    if (document.querySelector(`link[href="${address}"]`)) return
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: address }))
  }

  listen() {
    this.away = new AbortController()
    const on = (target, what, run) => target.addEventListener(what, run, { signal: this.away.signal })
    const click = (part, run) => this.querySelector(`[data-${part}]`) && on(this.querySelector(`[data-${part}]`), "click", run)
    click("play", () => this.toggle())
    click("skip", () => this.wish({ skip: !this.wishes.skip }))
    click("onward", () => this.wish({ onward: !this.wishes.onward }))
    click("write", () => this.notes.write(this.now))
    click("link", () => this.link())
    click("loud", () => this.unfold())
    for (const by of [-1, 1]) click(`step="${by}"`, () => step(this, by))
    for (const side of ["customer", "agent"]) {
      click(`mute="${side}"`, () => this.mute(side))
      const volume = this.querySelector(`[data-volume=${side}]`)
      if (volume) on(volume, "input", () => this.wish({ volume: { ...this.wishes.volume, [side]: Number(volume.value) } }))
    }
    on(this.speed, "change", () => this.wish({ speed: Number(this.speed.value) }))
    on(this.wave, "pointerdown", (event) => this.grab(event))
    on(this, "keydown", (event) => this.key(event))
    on(window, "pagehide", () => this.tell())
    this.rings = alive()
    on(live, "change", () => this.rang())
  }

  /** What one has chosen, as the buttons show it and the sound follows. */
  show() {
    const { speed, skip, onward, volume } = this.wishes
    this.speed.value = speed
    this.querySelector("[data-skip]").ariaPressed = skip
    for (const button of this.querySelectorAll("[data-onward], [data-step]")) button.hidden = !this.closest("tr.open")
    this.querySelector("[data-onward]").ariaPressed = onward
    const loud = {}
    for (const side of ["customer", "agent"]) {
      loud[side] = this.muted[side] ? 0 : volume[side]
      const button = this.querySelector(`[data-mute=${side}]`)
      if (!button) continue
      button.ariaPressed = Boolean(this.muted[side])
      this.querySelector(`[data-volume=${side}]`).value = volume[side]
    }
    if (!this.audio) return
    this.audio.playbackRate = speed
    if (loud.customer !== 1 || loud.agent !== 1) this.sides ??= new Sides(this.audio)
    this.sides?.set(loud)
  }

  wish(change) {
    this.wishes = { ...this.wishes, ...change }
    localStorage.setItem(STORED, JSON.stringify(this.wishes))
    this.show()
  }

  mute(side) {
    this.muted[side] = !this.muted[side]
    this.show()
    this.sides?.wake()
  }

  unfold() {
    const volumes = this.querySelector("[data-volumes]")
    volumes.hidden = !volumes.hidden
    this.querySelector("[data-loud]").ariaExpanded = !volumes.hidden
  }

  get address() {
    return `/recordings/${encodeURIComponent(this.getAttribute("call"))}`
  }

  /** The second that is heard, or that it will begin at. */
  get now() {
    return this.audio ? this.audio.currentTime : this.at
  }

  /** Where a second lies on the lanes, 0 to 100. */
  share(second) {
    return this.duration ? Math.min(100, (100 * second) / this.duration) : 0
  }

  async draw() {
    this.seen.disconnect()
    try {
      const peaks = await ask(`${this.address}/peaks`)
      this.duration = peaks.duration_s || this.duration
      this.querySelector(".wave__a").setAttribute("d", lane(peaks.agent, LANE / 2))
      this.querySelector(".wave__c").setAttribute("d", lane(peaks.customer, LANE * 1.5))
      this.silent = silences(peaks)
      this.querySelector("[data-saved]").textContent = this.silent.length ? ` ${clock(length(this.silent))}` : ""
      const { pauses = [], masks = [], gaps = [] } = peaks
      this.gaps(pauses, _("The recording was paused from {from} to {to}."), "")
      this.gaps(masks, _("From {from} to {to} the sound has been masked."), "wave__gap--mask")
      this.gaps(apart(gaps, [...pauses, ...masks]), _("Nothing was recorded from {from} to {to}."), "")
    } catch {
      this.box.dataset.state = "empty" // it can be heard without a picture
    }
    this.notes.draw()
    this.paint()
  }

  /** Where nothing can be heard, and why: hatched, and said. */
  gaps(stretches, words, looks) {
    for (const [from, to] of stretches) {
      const said = document.createElement("li") // what lies within a slider is not read out
      const gap = document.createElement("i")
      gap.className = `wave__gap ${looks}`
      gap.title = words.replace("{from}", clock(from)).replace("{to}", clock(to))
      said.textContent = gap.title
      gap.style.setProperty("--from", `${this.share(from)}%`)
      gap.style.setProperty("--w", `${this.share(Math.max(0.2, to - from))}%`)
      this.wave.append(gap)
      this.querySelector("[data-gaps]").append(said)
    }
  }

  /** The sound is asked for when somebody wants to hear it: each listening is noted. */
  load() {
    if (this.audio) return this.audio
    const audio = new Audio(`${this.address}.mp3`)
    const on = (what, run) => audio.addEventListener(what, () => this.audio === audio && run())
    audio.preload = "auto"
    on("timeupdate", () => this.ticks())
    on("seeked", () => this.paint())
    on("durationchange", () => {
      if (Number.isFinite(audio.duration)) this.duration = audio.duration
      this.paint()
    })
    for (const what of ["play", "pause", "ended"]) on(what, () => this.showPlaying())
    on("pause", () => this.tell())
    on("ended", () => this.wishes.onward && this.closest("tr.open") && step(this, 1))
    on("waiting", () => this.say(_("Loading…"), "loading"))
    for (const what of ["playing", "canplay"]) on(what, () => this.say("", ""))
    on("error", () => this.fail())
    if (this.at) audio.currentTime = this.at
    this.audio = audio
    this.sides = undefined
    this.box.toggleAttribute("data-begun", true)
    this.show()
    return audio
  }

  toggle() {
    if (this.audio && !this.audio.paused) return this.audio.pause()
    if (this.box.dataset.state === "failed") this.again()
    for (const other of document.querySelectorAll("call-player")) if (other !== this) other.audio?.pause()
    current = this
    this.wishes = chosen(localStorage.getItem(STORED), SPEEDS) // as they were changed beside another one
    this.show()
    const audio = this.load()
    this.sides?.wake()
    audio.play().catch(({ name }) => name !== "AbortError" && this.audio === audio && this.fail())
    this.announce()
  }

  /** From where it was: the network may be back, or the file. */
  again() {
    this.at = this.now
    this.audio = undefined
    this.say("", "")
  }

  seek(second) {
    current = this
    this.at = Math.min(Math.max(0, second), this.duration)
    if (this.audio) this.audio.currentTime = this.at
    this.paint(this.at)
  }

  grab(event) {
    if (event.button) return
    const mark = event.target.closest(".wave__note")
    const move = ({ clientX }) => {
      const { left, width } = this.wave.getBoundingClientRect()
      this.seek(((clientX - left) / width) * this.duration)
    }
    if (mark) return this.seek(Number(mark.dataset.at))
    this.wave.setPointerCapture(event.pointerId)
    this.wave.addEventListener("pointermove", move)
    const release = () => this.wave.removeEventListener("pointermove", move)
    this.wave.addEventListener("pointerup", release, { once: true })
    this.wave.addEventListener("pointercancel", release, { once: true })
    move(event)
  }

  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey) return
    const { key, target, altKey, shiftKey } = event
    if (target.closest("select, input, textarea")) return
    if (altKey) {
      if ((key !== "ArrowDown" && key !== "ArrowUp") || !step(this, key === "ArrowDown" ? 1 : -1)) return
      return event.preventDefault()
    }
    if (key === " " && target.closest("a, button")) return
    const by = STEPS[key] ?? (target === this.wave ? { ArrowUp: 5, ArrowDown: -5 }[key] : undefined)
    const to = by ? this.now + by * (shiftKey && key.startsWith("Arrow") ? 3 : 1) : { Home: 0, End: this.duration }[key]
    if (to !== undefined) this.seek(to)
    else if (key === " " || key === "k") this.toggle()
    else if (key === "<" || key === ">") this.faster(key === ">" ? 1 : -1)
    else if (key === "n") this.notes.write(this.now)
    else if (key === "s") this.wish({ skip: !this.wishes.skip })
    else if (key === "c") this.link()
    else return
    event.preventDefault()
  }

  faster(by) {
    const speed = SPEEDS[SPEEDS.indexOf(this.wishes.speed) + by]
    if (speed) this.wish({ speed })
  }

  /** The address of this second is in the clipboard; where a browser does not allow that, it is there to be copied. */
  async link() {
    const address = `${location.origin}/calls/${encodeURIComponent(this.getAttribute("call"))}?t=${Math.floor(this.now)}`
    const field = this.querySelector("[data-address]")
    try {
      await navigator.clipboard.writeText(address)
      toast(_("The link to {time} has been copied.", { time: clock(this.now) }))
      field.hidden = true
    } catch {
      field.hidden = false
      field.value = address
      field.select()
      toast(_("Press Ctrl+C to copy it.")) // browsers that allow it over HTTPS only
    }
  }

  /** Four times a second while it plays, also in a tab that nobody sees. */
  ticks() {
    const { audio } = this
    if (!audio.paused) {
      this.heard.add(Math.floor(audio.currentTime))
      if (this.heard.size >= this.told + TOLD_EVERY) this.tell()
      const onward = this.wishes.skip ? beyond(this.silent, audio.currentTime) : audio.currentTime
      if (onward !== audio.currentTime) audio.currentTime = onward
    }
    this.paint()
  }

  /** How much of it was heard, each second once; that somebody listens at all is noted where the sound comes from. */
  tell() {
    if (this.heard.size === this.told) return
    this.told = this.heard.size
    const address = `/api/v1/recordings/${encodeURIComponent(this.getAttribute("call"))}/heard`
    ask(address, { method: "PUT", json: { seconds: this.told }, keepalive: true }).catch(() => {}) // the next one says more
  }

  /** A call comes before a recording. */
  rang() {
    const rings = alive()
    if (rings > this.rings && this.audio && !this.audio.paused) this.audio.pause()
    this.rings = rings
  }

  showPlaying() {
    const playing = !this.audio.paused
    this.box.toggleAttribute("data-playing", playing)
    if (this.audio.ended) this.box.toggleAttribute("data-begun", false)
    const button = this.querySelector("[data-play]")
    button.ariaLabel = playing ? _("Pause") : _("Play")
    button.title = playing ? _("Pause (space)") : _("Play (space)")
    this.paint()
    if (playing) this.follow()
  }

  follow() {
    cancelAnimationFrame(this.frame)
    this.frame = requestAnimationFrame(() => {
      this.paint()
      if (this.audio && !this.audio.paused) this.follow()
    })
  }

  paint(second = this.now) {
    this.box.style.setProperty("--at", `${this.share(second)}%`)
    const shown = `${clock(second)} / ${clock(this.duration)}`
    if (shown === this.shown) return
    this.shown = shown
    this.querySelector("[data-time]").textContent = shown
    this.wave.setAttribute("aria-valuemax", Math.round(this.duration))
    this.wave.setAttribute("aria-valuenow", Math.round(second))
    this.wave.setAttribute("aria-valuetext", _("{at} of {whole}", { at: clock(second), whole: clock(this.duration) }))
    this.querySelector("[data-link] span").textContent = _("Link to {time}", { time: clock(second) })
  }

  say(words, state) {
    if (state || this.box.dataset.state !== "empty") this.box.dataset.state = state
    this.querySelector("[data-problem]").textContent = words
  }

  /** Why, as far as the service knows. */
  async fail() {
    this.box.toggleAttribute("data-playing", false)
    this.say(_("The recording cannot be played."), "failed")
    try {
      const { state, problem } = await ask(`/api/v1/recordings/${encodeURIComponent(this.getAttribute("call"))}`)
      if (state === "failed" && problem) this.say(_("The recording failed: {why}", { why: problem }), "failed")
    } catch ({ status }) {
      if (!status) this.say(_("There is no connection. Press play to try again."), "failed")
    }
  }

  /** The keys of a headset, and what a locked screen shows. */
  announce() {
    const session = navigator.mediaSession
    if (!session) return
    session.metadata = new MediaMetadata({ title: this.getAttribute("label") ?? "" })
    const hear = (action, run) => session.setActionHandler(action, () => current?.isConnected && run(current))
    hear("play", (one) => one.toggle())
    hear("pause", (one) => one.toggle())
    hear("seekbackward", (one) => one.seek(one.now - 10))
    hear("seekforward", (one) => one.seek(one.now + 10))
  }
}

const alive = () => [...live.calls.values()].filter(({ mine }) => mine && mine !== "ended" && mine !== "listening").length

// With the focus nowhere, keys are for the recording that was heard last.
document.addEventListener("keydown", (event) => {
  if (event.target === document.body && current?.isConnected) current.key(event)
})

customElements.define("call-player", CallPlayer)
