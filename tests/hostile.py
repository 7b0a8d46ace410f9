"""Names and texts that try to leave the place they stand in: SQL, HTML, a spreadsheet, a terminal, a file name."""

from datetime import timedelta

from msgspec.structs import replace

from events import Direction, Scored, Verdict
from tests.warehouse import acts

SCRIPT = "<script>document.title='owned'</script>"
NAMES = (
    SCRIPT,
    "<img src=x onerror=document.title='owned'>",
    '"><svg onload=document.title=1>',
    "'; DROP TABLE interaction --",
    "\\' OR 1 = 1 --",
    "=HYPERLINK(1)",
    "+1|cmd",
    "@SUM(1)",
    "\tindented",
    "\u202egnp.exe",
    "👩‍👩‍👧 💚",
    "a\0b",
    "%(id)s ${x} $__toTime {{ 7 * 7 }}",
    "../../etc/passwd",
    "</title></script><b>",
)
TEXTS = (*NAMES, "x" * 100_000, "javascript:alert(1)", "two\nlines\r\nand more\u2028", "]]> <!-- -->")


def hostile_acts(brand: str) -> list[Scored]:
    """One act of the audience per text, by a person of each name, all judged spam; its URL is one, too."""
    base = replace(acts.audience(1)[0], brand=brand, direction=Direction.INBOUND, verdict=Verdict.SPAM, trust=0.1)
    return [
        replace(
            base,
            person=f"x:{NAMES[number % len(NAMES)]}{number}",
            interaction=replace(
                base.interaction,
                id=f"x:{number}{NAMES[number % len(NAMES)]}",
                content=text,
                url="javascript:document.title='owned'",
                published=acts.START + timedelta(hours=number),
            ),
        )
        for number, text in enumerate(TEXTS)
    ]
