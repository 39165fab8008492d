"""The fixed category names of MovieLens: ages, occupations and genres, and how they are shown."""

AGE_CODES: tuple[int, ...] = (1, 18, 25, 35, 45, 50, 56)
"""MovieLens 1M's age groups, each named by its lowest age (1 stands for "under 18")."""

AGE_NAMES: dict[int, str] = {
    1: "Under 18",
    18: "18–24",
    25: "25–34",
    35: "35–44",
    45: "45–49",
    50: "50–55",
    56: "56+",
}

GENDER_NAMES: dict[str, str] = {"F": "Female", "M": "Male"}

OCCUPATIONS: tuple[str, ...] = (
    "other",
    "academic/educator",
    "artist",
    "clerical/admin",
    "college/grad student",
    "customer service",
    "doctor/health care",
    "executive/managerial",
    "farmer",
    "homemaker",
    "K-12 student",
    "lawyer",
    "programmer",
    "retired",
    "sales/marketing",
    "scientist",
    "self-employed",
    "technician/engineer",
    "tradesman/craftsman",
    "unemployed",
    "writer",
)
"""MovieLens 1M's occupations; the position is the code in `users.dat`."""

GENRES: tuple[str, ...] = (
    "Action",
    "Adventure",
    "Animation",
    "Children's",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
)
"""The 18 genres of MovieLens 100K and 1M, in the order of the flags in `u.item` (which start with "unknown")."""


def age_code(age: int) -> int:
    """Returns the code of the age group that holds an exact age."""
    return max((code for code in AGE_CODES if code <= age), default=AGE_CODES[0])


def category_name(feature: str, value: object) -> str:
    """Returns how a value of a feature is shown: 18 of age as "18–24", "F" of gender as "Female", others as they are."""
    if feature == "age" and isinstance(value, int):
        return AGE_NAMES.get(value, str(value))
    if feature == "gender" and isinstance(value, str):
        return GENDER_NAMES.get(value, value)
    return str(value)


def number_name(value: float, digits: int = 4) -> str:
    """Returns a number in at most so many digits that count, without an exponent up to a billion: 0.05, 2008, 47,600."""
    text = f"{value:.{digits}g}"
    return f"{float(text):,.0f}" if 10_000 <= abs(float(text)) < 1e9 else text
