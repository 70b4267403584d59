// <call-player call="…" agent="…">: one recording, both parties as two lanes, to be heard from any second.

import { ask } from "./page.js"
import { _ } from "./words.js"

const WIDTH = 680 // of the drawing, in its own units
const STEP = 4
const LANE = 28
const SPEEDS = [0.5, 1, 1.25, 1.5, 2]

export const clock = (seconds) => {
  const whole = Math.floor(seconds || 0)
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (n) => String(n).padStart(2, "0")
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** The louder of the peaks behind each stroke, as a path of vertical strokes around the lane's middle. */
export function lane(peaks, middle) {
  let path = ""
  const strokes = WIDTH / STEP
  for (let each = 0; each < strokes; each++) {
    const from = Math.floor((each * peaks.length) / strokes)
    const to = Math.max(from + 1, Math.floor(((each + 1) * peaks.length) / strokes))
    const peak = Math.max(0, ...peaks.slice(from, to))
    const height = Math.max(1, (peak / 255) * (LANE - 4))
    path += `M${each * STEP + 2} ${(middle - height / 2).toFixed(1)}v${height.toFixed(1)}`
  }
  return path
}

class CallPlayer extends HTMLElement {
  connectedCallback() {
    this.box = this.querySelector(".player")
    this.wave = this.querySelector(".wave")
    this.time = this.querySelector("[data-time]")
    this.speed = this.querySelector("select")
    this.duration = Number(this.getAttribute("seconds")) || 0
    this.querySelector("[data-play]").addEventListener("click", () => this.toggle())
    this.speed.addEventListener("change", () => this.audio && (this.audio.playbackRate = Number(this.speed.value)))
    this.wave.addEventListener("pointerdown", (event) => this.grab(event))
    this.addEventListener("keydown", (event) => this.key(event))
    this.gaps()
    this.paint()
    this.seen = new IntersectionObserver(([entry]) => entry.isIntersecting && this.draw())
    this.seen.observe(this)
  }

  /** Where the recording was paused: hatched, and said. */
  gaps() {
    for (const [from, to] of JSON.parse(this.getAttribute("pauses") || "[]")) {
      const gap = document.createElement("i")
      gap.className = "wave__gap"
      gap.title = _("The recording was paused from {from} to {to}.", { from: clock(from), to: clock(to) })
      gap.setAttribute("role", "img")
      gap.setAttribute("aria-label", gap.title)
      gap.style.setProperty("--from", `${(from / this.duration) * 100}%`)
      gap.style.setProperty("--w", `${(Math.max(0.2, to - from) / this.duration) * 100}%`)
      this.wave.append(gap)
    }
  }

  disconnectedCallback() {
    this.seen.disconnect()
    this.audio?.pause()
  }

  get address() {
    return `/recordings/${encodeURIComponent(this.getAttribute("call"))}`
  }

  async draw() {
    this.seen.disconnect()
    try {
      const peaks = await ask(`${this.address}/peaks`)
      this.duration = peaks.duration_s || this.duration
      this.querySelector(".wave__a").setAttribute("d", lane(peaks.agent, LANE / 2))
      this.querySelector(".wave__c").setAttribute("d", lane(peaks.customer, LANE * 1.5))
    } catch {
      this.box.dataset.state = "empty" // it can be heard without a picture
    }
    this.paint()
  }

  /** The sound is asked for when somebody wants to hear it: each listening is noted. */
  load() {
    if (this.audio) return this.audio
    const audio = new Audio(`${this.address}.mp3`)
    audio.preload = "auto"
    audio.addEventListener("timeupdate", () => this.paint())
    audio.addEventListener("seeked", () => this.paint())
    audio.addEventListener("durationchange", () => {
      if (Number.isFinite(audio.duration)) this.duration = audio.duration
      this.paint()
    })
    for (const what of ["play", "pause", "ended"]) audio.addEventListener(what, () => this.showPlaying())
    audio.addEventListener("error", () => this.fail())
    audio.playbackRate = Number(this.speed.value)
    this.audio = audio
    return audio
  }

  toggle() {
    const audio = this.load()
    if (!audio.paused) return audio.pause()
    for (const other of document.querySelectorAll("call-player")) if (other !== this) other.audio?.pause()
    audio.play().catch(() => this.fail())
  }

  seek(second) {
    const audio = this.load()
    audio.currentTime = Math.min(Math.max(0, second), this.duration)
    this.paint(audio.currentTime)
  }

  grab(event) {
    if (event.button) return
    const move = ({ clientX }) => {
      const { left, width } = this.wave.getBoundingClientRect()
      this.seek(((clientX - left) / width) * this.duration)
    }
    this.wave.setPointerCapture(event.pointerId)
    this.wave.addEventListener("pointermove", move)
    const release = () => this.wave.removeEventListener("pointermove", move)
    this.wave.addEventListener("pointerup", release, { once: true })
    this.wave.addEventListener("pointercancel", release, { once: true })
    move(event)
  }

  key(event) {
    if (event.target.closest("select, a") || event.ctrlKey || event.metaKey || event.altKey) return
    const now = this.audio?.currentTime ?? 0
    const to = { ArrowLeft: now - 5, ArrowRight: now + 5, PageDown: now - 30, PageUp: now + 30, Home: 0, End: this.duration }[event.key]
    if (to !== undefined) this.seek(to)
    else if (event.key === " ") this.toggle()
    else if (event.key === "<" || event.key === ">") this.faster(event.key === ">" ? 1 : -1)
    else return
    event.preventDefault()
  }

  faster(step) {
    const place = SPEEDS.indexOf(Number(this.speed.value)) + step
    if (SPEEDS[place]) {
      this.speed.value = SPEEDS[place]
      if (this.audio) this.audio.playbackRate = SPEEDS[place]
    }
  }

  showPlaying() {
    const playing = !this.audio.paused
    this.box.toggleAttribute("data-playing", playing)
    this.querySelector("[data-play]").ariaLabel = playing ? _("Pause") : _("Play")
    this.paint()
  }

  paint(second = this.audio?.currentTime ?? 0) {
    const share = this.duration ? Math.min(100, (100 * second) / this.duration) : 0
    this.box.style.setProperty("--at", `${share}%`)
    this.time.textContent = `${clock(second)} / ${clock(this.duration)}`
    this.wave.setAttribute("aria-valuemax", Math.round(this.duration))
    this.wave.setAttribute("aria-valuenow", Math.round(second))
    this.wave.setAttribute("aria-valuetext", _("{at} of {whole}", { at: clock(second), whole: clock(this.duration) }))
  }

  fail() {
    this.box.dataset.state = "failed"
    this.querySelector("[data-problem]").textContent = _("The recording cannot be played.")
  }
}

customElements.define("call-player", CallPlayer)
