// How loud something is: a microphone, or what comes from the other side.

const FLOOR = -60 // dB: silence

export class Level {
  #context = new AudioContext()
  #analyser = this.#context.createAnalyser()
  #wave = new Float32Array(this.#analyser.fftSize)
  #stream
  #own

  /** `own`: the stream is nobody else's, and ends with this. */
  constructor(stream, own = false) {
    this.#stream = stream
    this.#own = own
    this.#context.createMediaStreamSource(stream).connect(this.#analyser)
    this.#context.resume()
  }

  static async ofMicrophone(constraints) {
    return new Level(await navigator.mediaDevices.getUserMedia(constraints), true)
  }

  /** 0 (silence) to 1 (as loud as can be). */
  get now() {
    this.#analyser.getFloatTimeDomainData(this.#wave)
    const power = this.#wave.reduce((sum, each) => sum + each * each, 0) / this.#wave.length
    return Math.max(0, Math.min(1, 1 - (10 * Math.log10(power || 1e-12)) / FLOOR))
  }

  /** The loudest of so many seconds; `each` is told the level on the way. */
  async loudest(seconds, each = () => {}) {
    const end = Date.now() + seconds * 1000
    let most = 0
    while (Date.now() < end) {
      await new Promise((done) => setTimeout(done, 50))
      const level = this.now
      most = Math.max(most, level)
      each(level)
    }
    return most
  }

  close() {
    if (this.#own) for (const track of this.#stream.getTracks()) track.stop()
    this.#context.close()
  }
}
