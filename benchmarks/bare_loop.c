// What dropscribe-slice does to a sound recording, as the shortest C loop over the same libraries: decode, mean of the
// channels, soxr to 16 kHz, one high-pass at 80 Hz to measure every 10 ms by, a WAV file of 30 s each to standard
// output. It decides nothing, checks nothing and boxes nothing: a bound for what a careful program can reach.
#include <math.h>
#include <sndfile.h>
#include <soxr.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RATE = 16000, HOP = 160, CLIP = 30 * RATE };

static int16_t clip[CLIP];
static int filled, in_hop;
static float hop_power, s1, s2, loudest;

static void put(const void *bytes, size_t count) {
  for (const char *at = bytes; count > 0;) {
    ssize_t written = write(STDOUT_FILENO, at, count);
    if (written <= 0) exit(1);
    at += written;
    count -= (size_t)written;
  }
}

static void give(void) {
  uint32_t data = (uint32_t)filled * 2;
  uint32_t head[11] = {0x46464952, 36 + data, 0x45564157, 0x20746d66, 16, 0x00010001,
                       RATE,       RATE * 2,  0x00100002, 0x61746164, data};
  put(head, sizeof head);
  put(clip, data);
  filled = 0;
}

static void hear(const float *samples, size_t count) {
  // Butterworth high-pass at 80 Hz for 16 kHz, transposed direct form II.
  const float b0 = 0.97803f, b1 = -1.95607f, a1 = -1.95558f, a2 = 0.95655f;
  for (size_t i = 0; i < count; i++) {
    float x = samples[i], y = b0 * x + s1;
    s1 = b1 * x - a1 * y + s2;
    s2 = b0 * x - a2 * y;
    hop_power += y * y;
    if (++in_hop == HOP) {
      if (hop_power > loudest) loudest = hop_power;
      in_hop = 0;
      hop_power = 0;
    }
    float scaled = x * 32768.0f;
    clip[filled++] = scaled >= 32767 ? 32767 : scaled <= -32768 ? -32768 : (int16_t)lrintf(scaled);
    if (filled == CLIP) give();
  }
}

int main(void) {
  SF_INFO info = {0};
  SNDFILE *file = sf_open_fd(STDIN_FILENO, SFM_READ, &info, 0);
  if (!file) return 65;
  soxr_io_spec_t form = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
  form.flags = SOXR_NO_DITHER;
  soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
  soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
  soxr_error_t failure = NULL;
  soxr_t resampler = soxr_create(info.samplerate, RATE, 1, &failure, &form, &quality, &runtime);
  if (failure) return 70;
  // 50 ms a block, as dropscribe-slice reads.
  const int block = info.samplerate / 20;
  float *input = malloc(sizeof(float) * (size_t)(block * info.channels));
  float *mono = malloc(sizeof(float) * (size_t)block);
  const size_t room = (size_t)block + 16384;
  float *output = malloc(sizeof(float) * room);
  if (!input || !mono || !output) return 70;
  sf_count_t frames;
  size_t made;
  while ((frames = sf_readf_float(file, input, block)) > 0) {
    for (sf_count_t i = 0; i < frames; i++) {
      float sum = 0;
      for (int c = 0; c < info.channels; c++) sum += input[i * info.channels + c];
      mono[i] = sum / (float)info.channels;
    }
    soxr_process(resampler, mono, (size_t)frames, NULL, output, room, &made);
    hear(output, made);
  }
  do {
    soxr_process(resampler, NULL, 0, NULL, output, room, &made);
    hear(output, made);
  } while (made > 0);
  if (filled > 0) give();
  fprintf(stderr, "%g\n", (double)loudest);
  return 0;
}
