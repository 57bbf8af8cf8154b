"""Endless plain English from a seed: what a person would say, of words that sound like no other, without numbers,
names, contractions and words that are spelt in two ways. So whatever is heard wrong was not heard."""

PEOPLE = """the old farmer|my sister|the young doctor|our teacher|the captain|the tall stranger|the baker
his daughter|a friend from the village|the painter|the judge|the shopkeeper|the gardener|the postman|her brother
the man in the black hat|the woman with the red umbrella|a student from the city|the driver|the captain of the ship"""

DEEDS = """carried|found|lost|bought|cleaned|painted|forgot|opened|described|remembered|followed|watched|repaired
wanted to sell|decided to keep|tried to hide|never noticed|finally returned|quietly closed|left"""

THINGS = """a heavy basket|the silver box|the yellow bicycle|the broken clock|a long letter|the old photograph
a bag of apples|the garden gate|the kitchen window|a small boat|the green bottle|the wooden table|a book about birds
the map of the island|a warm blanket|the empty house|the key to the cellar|a glass of water|the picture of the mountain
a piece of chocolate|the electric lamp|the newspaper|a box of matches|the leather jacket|the basket with the bread"""

PLACES = """in the garden|near the river|behind the church|at the station|on the bridge|beside the lake
under the table|in front of the hotel|at the end of the street|in the library|across the valley|next to the market
on the other side of the field|at the top of the hill|in the middle of the forest|outside the school"""

TIMES = """in the morning|after lunch|before the rain came|during the winter|late in the evening
on a cold afternoon|when the music stopped|before sunset|after the long journey|while the children were asleep
at the beginning of the summer|when the doctor arrived|after the meeting|every day after work|just before midnight"""

CLAUSES = """because the road was dark|although nobody believed the story|so that the children could sleep
and nobody asked a question|but the train had already left|because the water was cold|and everybody laughed
although the weather was terrible|but the door was locked|and the dog followed them home
because there was nothing else to do|as if nothing had happened|until the lights went out
and the neighbors heard every word|which surprised the whole family|because the telephone was broken"""

PATTERNS = [
    "{time}, {person} {deed} {thing} {place}.",
    "{person} {deed} {thing} {place}, {clause}.",
    "{person} {deed} {thing}.",
    "{person} said that {other} {deed} {thing} {time}.",
    "{person} and {other} walked home together {time}, {clause}.",
    "where did {person} leave {thing}?",
    "i think that {person} {deed} {thing} {time}, {clause}, and then went home.",
    "{clause_alone}.",
    "nobody knew why {person} {deed} {thing}, but {other} promised to help.",
    "{person} stood {place} and waited, {clause}.",
    "if you ask {person}, the story about {thing} is not true.",
]

ALONE = """the answer was simple|nothing happened|the room was quiet|everything was ready|the soup was delicious
that was the end of the story|the windows were open|it started to snow"""


def _choices(text):
    return [choice for line in text.splitlines() for choice in line.split("|")]


_LISTS = {
    "deed": _choices(DEEDS),
    "thing": _choices(THINGS),
    "place": _choices(PLACES),
    "time": _choices(TIMES),
    "clause": _choices(CLAUSES),
    "clause_alone": _choices(ALONE),
}


def sentences(dice, words):
    """Sentences of at least `words` words together, by the throws of `dice` (random.Random)."""
    made, count = [], 0
    while count < words:
        person, other = dice.sample(_choices(PEOPLE), 2)
        parts = {name: dice.choice(choices) for name, choices in _LISTS.items()}
        made.append(dice.choice(PATTERNS).format(person=person, other=other, **parts))
        count += len(made[-1].split())
    return made
