"""Invented movie titles: unique, plausible, and a few that break careless software."""

import numpy as np

from dcn_core.data.categories import GENRES


def _words(text: str) -> list[str]:
    return [word.replace("_", " ") for word in text.split()]


_ADJECTIVES = _words(
    "Silent Crooked Amber Last Borrowed Golden Midnight Hollow Paper Distant Velvet Broken Hidden Wandering Scarlet "
    "Forgotten Gentle Restless Frozen Second Secret Wicked Burning Patient Electric Lonely Marble Painted Invisible "
    "Stolen Quiet Savage Seventh Crimson Perfect Unlikely Sleepless Copper Endless Ordinary Clever Foolish Northern "
    "Southern Tender Impossible Bitter Lucky Drowned Faithful Nameless Reluctant Shining Tangled Curious Winter"
)

_PLACES = _words(
    "Lisbon Marrow_Bay Alder_Creek Vienna Cold_Harbour Santa_Rosita Brighton Odessa Willow_Street Trieste Mercy_Falls "
    "Antwerp Juniper_Hill Montreal Black_Pine Tangier Saltmarsh Kyoto Bleecker_Street Dover Havana Elm_Grove Bergen "
    "Winnipeg Fox_Hollow Cairo Larkspur Port_Avalon Tulsa Galway"
)

_NAMES = _words(
    "Eleanor Augustus Mabel Fitzgerald Ingrid Barnaby Odette Harold Lucinda Wallace Beatrix Rufus Clementine Desmond "
    "Marguerite Oswald Josephine Leopold Henrietta Casper Winifred Bruno Cordelia Felix Rosalind Amos Delphine Hugo "
    "Philippa Gus"
)

_NOUNS = {
    "Action": "Vendetta Convoy Detonator Crossfire Pursuit Outlaw Ambush Getaway",
    "Adventure": "Compass Expedition Island Voyage River Summit Caravan Lagoon",
    "Animation": "Tin_Soldier Dragonfly Snow_Globe Lantern Acorn Firefly Marionette Toymaker",
    "Children's": "Treehouse Kite Puppy Circus Birthday Balloon Sandcastle Tadpole",
    "Comedy": "Honeymoon Butler Roommate Mother-in-Law Wedding_Cake Landlord Reunion Understudy",
    "Crime": "Alibi Heist Ledger Informant Payoff Accomplice Getaway_Car Locksmith",
    "Documentary": "Archive Glacier Orchestra Election Harvest Census Lighthouse Expedition_Diary",
    "Drama": "Harbor Orchard Inheritance Confession Daughter Bridge Promise Schoolmaster",
    "Fantasy": "Enchanter Unicorn Kingdom Looking_Glass Spell Griffin Crown Wishing_Well",
    "Film-Noir": "Shadow Cigarette Blonde Alley Trench_Coat Staircase Telephone Rain",
    "Horror": "Cellar Scarecrow Whisper Asylum Tomb Doll Séance Graveyard",
    "Musical": "Serenade Chorus_Line Tap_Shoes Overture Carousel Melody Footlights Encore",
    "Mystery": "Cipher Portrait Locked_Room Witness Riddle Key Manuscript Butler's_Pantry",
    "Romance": "Valentine Letter Garden Waltz Summer Kiss Café Engagement",
    "Sci-Fi": "Orbit Android Signal Nebula Time_Machine Colony Satellite Experiment",
    "Thriller": "Deadline Stranger Hostage Obsession Passenger Night_Train Suspect Blackmail",
    "War": "Regiment Trench Armistice Submarine Bugle Squadron Front Medal",
    "Western": "Saddle Stagecoach Sheriff Canyon Homestead Gunslinger Corral Prairie",
}

_PATTERNS = (
    "The {adjective} {noun}",
    "The {adjective} {noun}",
    "{adjective} {noun}",
    "The {noun} of {place}",
    "{article} {noun} in {place}",
    "{name} and the {noun}",
    "{name}'s {noun}",
    "The {adjective} {noun} of {place}",
    "Goodbye, {adjective} {noun}",
    "{name} and the {adjective} {noun}",
)

NASTY_TITLES = (
    "M*A*R*S",
    "$2,000,000 Goose",
    "What the #$*! Was That?",
    "<b>Bold</b> Type",
    "Salt & Pepper & Sons",
    'The "Quiet" Neighbour',
    "L'Été des hérons",
    "Žižkov Serenade",
    "東京の灯台",
    "_Underscore_ and `Backtick`",
    "[Untitled](Part 2)",
    "50% Off: Æon's Revenge",
    "Either | Or",
    "C:\\Windows of Opportunity",
    "Love, :heart: and $x^2$",
)
"""Titles that are Markdown, HTML, LaTeX, quotes or not Latin: titles are data, whatever shows them must cope."""


def invent_titles(genre: np.ndarray, year: np.ndarray, rng: np.random.Generator) -> list[str]:
    """Returns one unique title with its year, like "The Silent Harbor (1987)", per movie.

    Args:
        genre: Index into `GENRES` of the movie's first genre, `(num_movies,)`.
        year: Release years, `(num_movies,)`.
        rng: Source of chance.
    """
    nouns = [_words(_NOUNS[name]) for name in GENRES]
    nasty_at = {6 + i * max(len(genre) // len(NASTY_TITLES), 1): title for i, title in enumerate(NASTY_TITLES)}
    taken: set[str] = set()
    titles = []
    for row, (kind, released) in enumerate(zip(genre.tolist(), year.tolist(), strict=True)):
        title = nasty_at.get(row, "")
        attempt = 0
        while not title or title in taken:
            # All dice at once: one call per movie, not one per word.
            pattern, adjective, noun, place, name, part = (rng.random(6) * 2**31).astype(int).tolist()
            thing = nouns[kind][noun % len(nouns[kind])]
            title = _PATTERNS[pattern % len(_PATTERNS)].format(
                article="An" if thing[0] in "AEIO" else "A",
                adjective=_ADJECTIVES[adjective % len(_ADJECTIVES)],
                noun=thing,
                place=_PLACES[place % len(_PLACES)],
                name=_NAMES[name % len(_NAMES)],
            )
            attempt += 1
            if attempt > 3:
                title += f" {('II', 'III', 'IV', 'Returns', 'Revisited')[part % 5]}"
        taken.add(title)
        titles.append(f"{title} ({released})")
    return titles
