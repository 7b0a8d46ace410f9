"""The command by which a brand looks at itself: audit."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from rapport.cli.options import DATA, BrandOption, ConfigOption, DataOption, Format, FormatOption, moment, say, show

app = typer.Typer()

DAYS = 90


@app.command()
def audit(
    brand: BrandOption = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            parser=moment,
            metavar="TIME",
            help="The brand's own acts from then on, UTC.",
            show_default=f"{DAYS} days ago",
        ),
    ] = None,
    how: FormatOption = Format.TABLE,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """What the brand gives and gets, whether it keeps its word, and whether it behaves like a spammer itself."""
    from rapport import audit_words, model
    from rapport.access import warehouse
    from rapport.audit import audit as look
    from rapport.config import load
    from warehouse import acts

    begin = since or datetime.now(UTC) - timedelta(days=DAYS)
    weights = model.fitted(data).trust
    with warehouse(load(config, data)) as client:
        names = [name for name in acts.brands(client) if brand in (None, name)]
        found = [look(client, name, begin, weights) for name in names]
    if how is Format.TABLE:
        print("\n\n".join(map(audit_words.page, found)), end="\n" if found else "")
    else:
        show(audit_words.COLUMNS, [audit_words.row(each) for each in found], how)
    if not found:
        say(f"nothing is stored about {brand}" if brand else "nothing is stored about any brand yet; see rapport.toml")
