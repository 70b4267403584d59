// <sound-play>: a sound in a row, played from any moment. <prompt-recorder>: one made with the microphone, heard before
// it is kept.

import { Level } from "./level.js"
import { microphoneTrouble } from "./microphone.js"
import { csrf, toast } from "./page.js"
import { clock } from "./player-sums.js"
import { sound } from "./sound.js"
import { _ } from "./words.js"

let playing // one at a time

class SoundPlay extends HTMLElement {
  connectedCallback() {
    this.at = this.querySelector("input")
    this.time = this.querySelector("[data-time]")
    this.querySelector("[data-play]").addEventListener("click", () => this.toggle())
    this.at.addEventListener("input", () => {
      this.ready().currentTime = Number(this.at.value)
    })
  }

  disconnectedCallback() {
    this.audio?.pause()
  }

  ready() {
    if (this.audio) return this.audio
    this.audio = new Audio(this.getAttribute("src"))
    for (const news of ["timeupdate", "play", "pause", "ended"]) this.audio.addEventListener(news, () => this.draw())
    this.audio.addEventListener("error", () => toast(_("The sound cannot be played. Reload the page."), "bad"))
    return this.audio
  }

  toggle() {
    const audio = this.ready()
    if (!audio.paused) return audio.pause()
    playing?.pause()
    playing = audio
    audio.play().catch(() => {})
  }

  draw() {
    const { currentTime, paused, ended } = this.audio
    this.toggleAttribute("data-playing", !paused)
    this.at.value = ended ? 0 : currentTime
    this.time.textContent = clock(paused && !currentTime ? Number(this.getAttribute("seconds")) : currentTime)
  }
}

class PromptRecorder extends HTMLElement {
  connectedCallback() {
    this.problem = this.querySelector("[data-problem]")
    this.heard = this.querySelector("[data-heard]")
    this.called = this.querySelector("[data-title]")
    this.on("[data-start]", () => this.start())
    this.on("[data-again]", () => this.start())
    this.on("[data-stop]", () => this.recorder?.stop())
    this.on("[data-away]", () => this.away())
    this.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault()
      this.keep()
    })
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.dataset.state === "idle") return
      event.stopPropagation()
      this.away()
    })
  }

  disconnectedCallback() {
    this.away()
  }

  on(what, run) {
    for (const each of this.querySelectorAll(what)) each.addEventListener("click", run)
  }

  state(name) {
    this.dataset.state = name
    this.querySelector({ idle: "[data-start]", on: "[data-stop]", heard: this.called ? "[data-title]" : "[data-keep]" }[name])?.focus()
  }

  say(problem = "") {
    this.problem.hidden = !problem
    this.problem.querySelector("span").textContent = problem
  }

  start() {
    this.starting ??= this.record().finally(() => (this.starting = undefined)) // a second click opens no second microphone
  }

  async record() {
    this.say()
    this.forget()
    this.querySelector("[data-time]").textContent = clock(0)
    const trouble = await microphoneTrouble(sound.constraints)
    if (trouble) return this.say(trouble.why)
    const stream = await navigator.mediaDevices.getUserMedia(sound.constraints)
    if (!this.isConnected) return end(stream)
    const pieces = []
    const recorder = new MediaRecorder(stream)
    this.recorder = recorder
    this.level = new Level(stream)
    recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data))
    recorder.addEventListener("stop", () => {
      end(stream)
      if (this.recorder === recorder) this.listen(new Blob(pieces, { type: recorder.mimeType }))
    })
    recorder.start()
    this.began = Date.now()
    this.state("on")
    this.tick()
  }

  tick() {
    if (this.recorder?.state !== "recording") return
    const seconds = (Date.now() - this.began) / 1000
    this.querySelector("[data-time]").textContent = clock(seconds)
    this.querySelector("[data-level]").style.setProperty("--v", `${Math.round(this.level.now * 100)}%`)
    if (seconds >= Number(this.getAttribute("most"))) this.recorder.stop()
    else setTimeout(() => this.tick(), 80)
  }

  listen(blob) {
    this.quiet()
    this.blob = blob
    this.heard.src = URL.createObjectURL(blob)
    this.state("heard")
  }

  async keep() {
    const title = this.called?.value.trim() ?? ""
    if (this.called && !title) return this.say(_("Enter what it is called."))
    this.say()
    const button = this.querySelector("[data-keep]")
    button.disabled = true
    try {
      const answer = await fetch(`${this.getAttribute("action")}?${new URLSearchParams({ title })}`, {
        method: "POST",
        headers: { Accept: "application/json", "Content-Type": "application/octet-stream", "X-CSRF-Token": csrf() },
        body: this.blob,
      })
      if (!answer.ok) return this.say((await answer.json()).message)
    } catch {
      return this.say(_("The service cannot be reached. Try again."))
    } finally {
      button.disabled = false
    }
    if (this.called) this.called.value = ""
    this.away()
    toast(_("The recording has been kept."))
    const shows = this.getAttribute("shows")
    window.htmx.ajax("GET", location.pathname, { source: this, target: shows, select: shows, swap: "outerHTML" })
  }

  /** Nothing of it is kept. */
  away() {
    const recorder = this.recorder
    this.recorder = undefined
    if (recorder?.state === "recording") recorder.stop()
    this.quiet()
    this.forget()
    this.say()
    if (this.dataset.state !== "idle") this.state("idle")
  }

  quiet() {
    this.level?.close()
    this.level = undefined
  }

  forget() {
    if (this.blob) URL.revokeObjectURL(this.heard.src)
    this.heard.removeAttribute("src")
    this.blob = undefined
  }
}

function end(stream) {
  for (const track of stream.getTracks()) track.stop()
}

customElements.define("sound-play", SoundPlay)
customElements.define("prompt-recorder", PromptRecorder)
