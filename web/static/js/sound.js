// Which device rings, which one talks and which one hears, chosen apart and kept in this browser. One that is gone
// gives way to the standard device, which is said, and comes back by itself.

import { toast } from "./page.js"
import { _ } from "./words.js"

const STORED = "sound"
export const USES = ["ring", "talk", "hear"] // ringing, loudspeaker, microphone
const KINDS = { ring: "audiooutput", talk: "audiooutput", hear: "audioinput" }
const STANDARD = new Set(["default", "communications"]) // Chromium's own names: the same as none

class Sound extends EventTarget {
  devices = [] // MediaDeviceInfo of all that there are
  #chosen = read() // use -> {id, label}
  #gone = new Set() // uses whose device is not there

  constructor() {
    super()
    navigator.mediaDevices?.addEventListener("devicechange", () => this.refresh())
  }

  /** Look again what there is. Names are told only to a page that may hear. */
  async refresh() {
    this.devices = (await navigator.mediaDevices?.enumerateDevices()) ?? []
    if (this.devices.some(({ label }) => label)) for (const use of USES) this.#notice(use)
    this.#tell()
  }

  choices(use) {
    return this.devices.filter(({ kind, deviceId }) => kind === KINDS[use] && deviceId && !STANDARD.has(deviceId))
  }

  /** {id, label}; the id is "" for the standard device. */
  chosen(use) {
    return this.#chosen[use] ?? { id: "", label: "" }
  }

  isGone(use) {
    return this.#gone.has(use)
  }

  choose(use, id) {
    const label = this.devices.find(({ deviceId }) => deviceId === id)?.label ?? ""
    if (id) this.#chosen[use] = { id, label }
    else delete this.#chosen[use]
    this.#gone.delete(use)
    localStorage.setItem(STORED, JSON.stringify(this.#chosen))
    this.#tell()
  }

  /** What to use now; "": the standard device. */
  idOf(use) {
    return this.#gone.has(use) ? "" : this.chosen(use).id
  }

  /** For getUserMedia: a wish, because a device that is gone must not cost us the call. */
  get constraints() {
    const id = this.idOf("hear")
    return { audio: id ? { deviceId: { ideal: id } } : true, video: false }
  }

  #notice(use) {
    const { id, label } = this.chosen(use)
    const is = !id || this.choices(use).some(({ deviceId }) => deviceId === id)
    if (is === !this.#gone.has(use)) return
    is ? this.#gone.delete(use) : this.#gone.add(use)
    if (is) toast(_("“{name}” is back and used again.", { name: label }))
    else toast(_("“{name}” is gone: the computer’s standard device is used until it is back.", { name: label }), "bad")
  }

  #tell() {
    this.dispatchEvent(new Event("change"))
  }
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(STORED)) ?? {}
  } catch {
    return {}
  }
}

export const sound = new Sound()
