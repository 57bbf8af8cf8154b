"""What cutting does to the words: the offline endpoint hears each recording whole, cut by dropscribe-slice into clips
of 30, 20 and 10 s at most, and cut blindly every 30 s; every word and its time are known."""

import json
import subprocess
from dataclasses import dataclass

import numpy as np

import sound
import talks
from bench import PROGRAMS, QUICK, WORK, say
from listener import Listener
from readings import readings
from words import Hearing, interval, words

UNCUT = ("--max-seconds=3600", "--skip-silence-seconds=none")
BLIND = 30
# How each recording is cut: by dropscribe-slice with these options, or blindly.
WAYS = {f"{longest} s": [f"--max-seconds={longest}"] for longest in (30, 20, 10)} | {f"blindly, {BLIND} s": None}
# Words of each synthetic recording.
WORDS = 120 if QUICK else 510
# A word this near to a cut may have been lost to it, in seconds.
NEAR = 1
# A pause this long has room for a cut; one this long is to be left out.
PAUSE, LONG_PAUSE = 0.15, 10


def cut(path, *options):
    """The clips of a recording, as bytes, and the list of them."""
    place = folder(path, options)
    command = [PROGRAMS / "dropscribe-slice", path, "--out", place, *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    listed = json.loads((place / "clips.json").read_text())["clips"]
    return [(place / clip["file"]).read_bytes() for clip in listed], listed


def folder(path, options):
    return WORK / f"{path.stem}{''.join(options)}"


def blind(path):
    """The same of a cut every 30 s whatever sounds there, once the recording was prepared uncut."""
    samples, rate = sound.read(folder(path, UNCUT) / "0001.wav")
    clips, listed = [], []
    for start in range(0, len(samples), BLIND * rate):
        piece = samples[start : start + BLIND * rate]
        sound.write(WORK / "piece.wav", piece, rate)
        clips.append((WORK / "piece.wav").read_bytes())
        listed.append({"start": start / rate, "end": (start + len(piece)) / rate, "joint": "doubtful"})
    listed[-1]["joint"] = "end"
    return clips, listed


def cut_places(clips, length):
    """Where the recording was cut, in seconds: a silence that was left out has an edge on either side."""
    edges = {clip["start"] for clip in clips} | {clip["end"] for clip in clips}
    return sorted(edge for edge in edges if 0 < edge < length)


def near(talk, places):
    """Of each word whether it is near one of `places`, and of each gap between words."""
    begins, ends = (np.array([word[part] for word in talk.words]) for part in (1, 2))
    gaps = np.concatenate([begins[:1], (ends[:-1] + begins[1:]) / 2, ends[-1:]])
    is_near = np.zeros(len(begins), bool)
    is_near_gap = np.zeros(len(gaps), bool)
    for place in places:
        is_near |= (begins - NEAR <= place) & (place <= ends + NEAR)
        is_near_gap |= np.abs(gaps - place) <= NEAR
    return is_near, is_near_gap


def overlap(begin, end, ranges):
    return sum(max(0, min(end, b) - max(begin, a)) for a, b in ranges)


@dataclass
class Outcome:
    """What became of one recording, cut with one longest length."""

    errors: int
    clips: int
    doubtful: int
    cuts: int
    # Near a cut: wrong here and right in the uncut run, heard here alone; and right here and wrong there.
    lost: int
    invented: int
    gained: int
    # Lost and invented near the middle of clips, where nothing was cut.
    elsewhere: int
    middles: int
    # Cuts inside a word, and those of them that had a pause in reach; of recordings whose times are exact.
    inside: int
    needless: int
    exact: int
    sent: float
    sent_pauses: float
    missed: float
    missed_words: int


def compare(talk, whole, hearing, clips):
    """`whole` and `hearing` are what was heard of the recording uncut and cut into `clips`."""
    length = len(talk.samples) / talk.rate
    ranges = [(clip["start"], clip["end"]) for clip in clips]
    cuts = cut_places(clips, length)
    middles = [(begin + end) / 2 for begin, end in ranges]

    def worse(places, one, other):
        is_near, is_near_gap = near(talk, places)
        more = np.maximum(0, one.invented - other.invented)
        return int((is_near & one.wrong & ~other.wrong).sum()), int(more[is_near_gap].sum())

    lost, invented = worse(cuts, hearing, whole)
    inside, needless = inside_words(talk, ranges, cuts) if talk.is_exact else (0, 0)
    starts, stops = [0, *(end for _, _, end in talk.words)], [*(begin for _, begin, _ in talk.words), length]
    missing = [end - begin - overlap(begin, end, ranges) for _, begin, end in talk.words]
    return Outcome(
        errors=hearing.errors,
        clips=len(clips),
        doubtful=sum(clip["joint"] == "doubtful" for clip in clips),
        cuts=len(cuts),
        lost=lost,
        invented=invented,
        gained=worse(cuts, whole, hearing)[0],
        elsewhere=sum(worse(middles, hearing, whole)),
        middles=len(middles),
        inside=inside,
        needless=needless,
        exact=len(cuts) if talk.is_exact else 0,
        sent=sum(end - begin for begin, end in ranges),
        sent_pauses=sum(overlap(a, b, ranges) for a, b in zip(starts, stops) if b - a >= LONG_PAUSE),
        missed=sum(missing),
        missed_words=sum(part > 0.001 for part in missing),
    )


def inside_words(talk, ranges, cuts):
    """How many cuts lie inside a word, and how many of those had a pause in reach: one that ends before the longest
    length, and begins after half of it."""
    inside = needless = 0
    longest = max(end - begin for begin, end in ranges)
    ends = [(end, next_begin) for (_, _, end), (_, next_begin, _) in zip(talk.words, talk.words[1:])]
    for place in cuts:
        if not any(begin + 0.001 < place < end - 0.001 for _, begin, end in talk.words):
            continue
        inside += 1
        start = max(begin for begin, _ in ranges if begin < place)
        reach = (start + longest / 2, start + longest)
        needless += any(reach[0] <= a and b <= reach[1] and b - a >= PAUSE for a, b in ends)
    return inside, needless


def total(outcomes, name):
    return sum(getattr(outcome, name) for outcome in outcomes)


def main():
    made = [talks.talk(condition, WORDS, 1) for condition in talks.CONDITIONS] + readings()
    uncut, outcomes = [], {way: [] for way in WAYS}
    with Listener() as listener:
        for talk in made:
            path = WORK / f"{talk.name}.wav"
            sound.write(path, talk.samples, talk.rate)
            said = [word for word, _, _ in talk.words]
            whole = Hearing(said, words(" ".join(listener.hear(cut(path, *UNCUT)[0]))))
            uncut.append(whole.errors)
            for way, options in WAYS.items():
                clips, listed = cut(path, *options) if options else blind(path)
                hearing = Hearing(said, words(" ".join(listener.hear(clips))))
                outcomes[way].append(compare(talk, whole, hearing, listed))
    tell(made, uncut, outcomes)


def tell(made, uncut, outcomes):
    counts = [len(talk.words) for talk in made]
    count = sum(counts)
    minutes = sum(len(talk.samples) / talk.rate for talk in made) / 60
    say(f"## Words lost to cutting: {count} words in {minutes:.0f} minutes, {len(made)} recordings")
    say()
    say("| clips of at most | word error rate | more than uncut, 95 % interval | clips | cuts | doubtful |")
    say("|---|---|---|---|---|---|")
    say(f"| uncut | {100 * sum(uncut) / count:.2f} % | | {len(made)} | 0 | |")
    for way, rows in outcomes.items():
        errors = [row.errors for row in rows]
        low, high = interval(uncut, errors, counts)
        say(
            f"| {way} | {100 * sum(errors) / count:.2f} % | {100 * (sum(errors) - sum(uncut)) / count:+.2f} "
            f"({low:+.2f} to {high:+.2f}) points | {total(rows, 'clips')} | {total(rows, 'cuts')} | "
            f"{total(rows, 'doubtful')} |"
        )
    say()
    say("Within 1 s of a cut: words that are wrong and were right uncut; words that nobody said; words that are right")
    say("and were wrong uncut. The same of the first two, in the middle of clips, where nothing was cut.")
    say()
    say("| clips of at most | wrong | in 100 cuts | invented | mended | in 100 middles | cuts in a word | needless |")
    say("|---|---|---|---|---|---|---|---|")
    for way, rows in outcomes.items():
        cuts, middles = max(1, total(rows, "cuts")), total(rows, "middles")
        say(
            f"| {way} | {total(rows, 'lost')} | {100 * total(rows, 'lost') / cuts:.1f} | {total(rows, 'invented')} | "
            f"{total(rows, 'gained')} | {100 * total(rows, 'elsewhere') / middles:.1f} | "
            f"{total(rows, 'inside')} of {total(rows, 'exact')} | {total(rows, 'needless')} |"
        )
    say()
    say("| clips of at most | sent | of that in pauses of 10 s and more | speech that was not sent | words touched |")
    say("|---|---|---|---|---|")
    for way, rows in outcomes.items():
        sent = total(rows, "sent")
        say(
            f"| {way} | {sent:.0f} s | {100 * total(rows, 'sent_pauses') / sent:.2f} % | "
            f"{total(rows, 'missed'):.2f} s | {total(rows, 'missed_words')} |"
        )
    say()
    say("Word error rate of each recording in per cent; then words lost in so many cuts.")
    say()
    say("| recording | words | uncut | " + " | ".join(outcomes) + " | " + " | ".join(outcomes) + " |")
    say("|---|---|---|" + "---|" * (2 * len(outcomes)))
    for index, talk in enumerate(made):
        rows = [row[index] for row in outcomes.values()]
        cells = [f"{100 * errors / counts[index]:.1f}" for errors in [uncut[index], *(row.errors for row in rows)]]
        cells += [f"{row.lost} / {row.cuts}" for row in rows]
        say(f"| {talk.name} | {counts[index]} | " + " | ".join(cells) + " |")
    say()


if __name__ == "__main__":
    main()
