// Ringing: a tone without a file, a blinking title, and a notification when the page is hidden.

import { _ } from "./words.js"

const ON = 1.0 // seconds
const OFF = 2.0
const TONE = [440, 480]
const LOUDNESS = 0.12

let audio, timer, blinking, title, note

/** Browsers let a page sound only after somebody has touched it. */
export function prepare() {
  const wake = () => {
    audio ??= new AudioContext()
    audio.resume()
    if (window.Notification?.permission === "default") Notification.requestPermission()
  }
  document.addEventListener("pointerdown", wake, { once: true, capture: true })
  document.addEventListener("keydown", wake, { once: true, capture: true })
}

export function ring(who) {
  if (blinking) return
  play()
  timer = setInterval(play, (ON + OFF) * 1000)
  title = document.title
  let on = false
  blinking = setInterval(() => {
    on = !on
    document.title = on ? `☎ ${who}` : title
  }, 800)
  if (document.hidden && window.Notification?.permission === "granted") notify(who)
}

export function stop() {
  clearInterval(timer)
  clearInterval(blinking)
  if (blinking) document.title = title
  blinking = undefined
  note?.close()
  note = undefined
}

function notify(who) {
  note = new Notification(_("Incoming call"), { body: who, tag: "call", requireInteraction: true })
  note.onclick = () => {
    window.focus()
    note?.close()
  }
}

/** Something waits for too long: two short high tones. */
export function alarm() {
  sound([880], 0.15)
  sound([880], 0.15, 0.25)
}

const play = () => sound(TONE, ON)

function sound(tones, seconds, later = 0) {
  if (audio?.state !== "running") return
  const loudness = audio.createGain()
  const begin = audio.currentTime + later
  const end = begin + seconds
  loudness.connect(audio.destination)
  loudness.gain.setValueAtTime(0, begin)
  loudness.gain.linearRampToValueAtTime(LOUDNESS, begin + 0.04)
  loudness.gain.setValueAtTime(LOUDNESS, end - 0.08)
  loudness.gain.linearRampToValueAtTime(0, end)
  for (const hertz of tones) {
    const tone = audio.createOscillator()
    tone.frequency.value = hertz
    tone.connect(loudness)
    tone.start(begin)
    tone.stop(end)
  }
}
