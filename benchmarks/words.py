"""Which words were heard: texts made comparable, aligned word by word, and compared."""

import re

import numpy as np

# As Whisper's own normaliser for English does.
CONTRACTIONS = {"won't": "will not", "can't": "can not", "let's": "let us", "n't": " not", "'re": " are"}
CONTRACTIONS |= {"'s": " is", "'d": " would", "'ll": " will", "'ve": " have", "'m": " am"}


def words(text):
    """In lower case, without punctuation, contractions written out."""
    text = text.lower().replace("’", "'")
    for short, long in CONTRACTIONS.items():
        text = re.sub(rf"{short}\b", long, text)
    return re.sub(r"[^a-z0-9 ]+", " ", text.replace("'", "")).split()


class Hearing:
    """What was made of words that were said.

    - `wrong`: of each word whether it was heard as another or not at all.
    - `invented`: how many words were heard before each word, and after the last, that nobody said there.
    - `pairs`: the places of each word that was heard right, in what was said and in what was heard.
    """

    def __init__(self, said, heard):
        self.wrong = np.zeros(len(said), bool)
        self.invented = np.zeros(len(said) + 1, int)
        self.pairs = []
        cost = _costs(said, heard)
        i, j = len(said), len(heard)
        while i or j:
            same = i > 0 and j > 0 and said[i - 1] == heard[j - 1]
            if i and j and cost[i, j] == cost[i - 1, j - 1] + (not same):
                i, j = i - 1, j - 1
                self.wrong[i] = not same
                if same:
                    self.pairs.insert(0, (i, j))
            elif i and cost[i, j] == cost[i - 1, j] + 1:
                i -= 1
                self.wrong[i] = True
            else:
                j -= 1
                self.invented[i] += 1

    @property
    def errors(self):
        return int(self.wrong.sum() + self.invented.sum())


def _costs(said, heard):
    """Levenshtein's table, row by row."""
    cost = np.zeros((len(said) + 1, len(heard) + 1), int)
    steps = np.arange(len(heard) + 1)
    cost[0] = steps
    known = {word: np.array([word == other for other in heard], bool) for word in set(said)}
    for i, word in enumerate(said, 1):
        row = np.empty(len(heard) + 1, int)
        row[0] = i
        row[1:] = np.minimum(cost[i - 1, 1:] + 1, cost[i - 1, :-1] + ~known[word])
        # A word too many costs one step to the right: the least of all that come from the left.
        cost[i] = np.minimum.accumulate(row - steps) + steps
    return cost


def interval(errors, others, counts, rounds=10_000, seed=1):
    """The 95 % interval of the difference in word error rate, `others` less `errors`, in percentage points, when the
    recordings are drawn anew with replacement, each with both of its hearings."""
    errors, others, counts = np.array(errors), np.array(others), np.array(counts)
    drawn = np.random.default_rng(seed).integers(len(counts), size=(rounds, len(counts)))
    differences = 100 * (others - errors)[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return tuple(np.percentile(differences, [2.5, 97.5]))
