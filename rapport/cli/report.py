"""The command that writes a report for people: report."""

from pathlib import Path
from typing import Annotated

import typer

from rapport.cli.options import (
    DATA,
    BrandOption,
    ConfigOption,
    DataOption,
    SinceOption,
    UntilOption,
    period,
    say,
)
from rapport.errors import UserError

app = typer.Typer()


@app.command()
def report(
    brand: BrandOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write it.", show_default="BRAND.html")
    ] = None,
    config: ConfigOption = None,
    data: DataOption = DATA,
) -> None:
    """Write one HTML file that says how real a brand's audience is; it opens anywhere and fetches nothing."""
    from rapport import model
    from rapport.access import warehouse
    from rapport.config import load
    from rapport.progress import progress
    from rapport.report.collect import collect
    from rapport.report.page import render
    from rapport.words import one_line
    from warehouse import acts

    begin, end = period(since, until)
    weights = model.fitted(data).trust
    with warehouse(load(config, data)) as client, progress("reporting"):
        chosen = _one_of(acts.brands(client), brand)
        page = render(collect(client, chosen, begin, end, weights))
    target = out or Path(f"{_file_name(chosen)}.html")
    try:
        target.write_text(page, encoding="utf-8", errors="replace")
    except OSError as error:
        raise UserError(f"{target}: {error.strerror}; choose another file with --out") from error
    print(target)
    say(f"{one_line(chosen)}, {begin:%Y-%m-%d} to {end:%Y-%m-%d}: open it in a browser")


def _one_of(brands: list[str], brand: str | None) -> str:
    if brand in brands:
        return brand or ""
    if not brands:
        raise UserError("nothing is stored about any brand yet; see rapport.toml")
    if brand is None and len(brands) == 1:
        return brands[0]
    from rapport.words import one_line

    named = ", ".join(map(one_line, brands[:10])) + (", …" if len(brands) > 10 else "")
    wrong = f"nothing is stored about {one_line(brand)}" if brand else "a report is of one brand"
    raise UserError(f"{wrong}; name one with --brand: {named}")


def _file_name(brand: str) -> str:
    """Letters and digits of ``brand``, so that no name of a stranger leads to another folder."""
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in brand).split())[:60] or "report"
