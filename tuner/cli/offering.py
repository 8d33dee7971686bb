"""The commands that tell what can be asked: ready studies, search spaces, datasets."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

import search_spaces
from tuner.cli.formats import Format, show_frame
from tuner.cli.options import completed, dataset_names
from tuner.cli.parsing import app
from tuner.cli.telling import echo, print_result
from tuner.errors import UsageError
from tuner.ready import ready_studies
from tuner.words import nearest

if TYPE_CHECKING:
    from tuner.space import Space


@app.command(epilog="Example: tuner studies dense-depth")
def studies(
    name: Annotated[
        str | None,
        typer.Argument(help="One, as YAML.", autocompletion=completed(ready_studies)),
    ] = None,
    style: Format = "table",
) -> None:
    """Show the studies that are ready to be asked (search --config NAME), or the YAML of one."""
    from tuner.cli.catalogue import studies_frame

    ready = ready_studies()
    if name is None:
        show_frame(studies_frame(), "tuner search --config NAME asks one", style)
    elif name in ready:
        echo(ready[name].rstrip())
    else:
        known = ", ".join(ready)
        raise UsageError(f"no ready study {name!r}.{nearest(name, ready)} (studies: {known})")


@app.command(epilog="Example: tuner spaces conv_pool --fix conv_blocks=2")
def spaces(
    name: Annotated[
        str | None,
        typer.Argument(
            help="One, drawn: a name, module:Class, or file.yaml.",
            autocompletion=completed(search_spaces.names),
        ),
    ] = None,
    fixed: Annotated[
        list[str], typer.Option("--fix", metavar="NAME=V", help="Draw it at a level.")
    ] = [],  # noqa: B006
    dataset: Annotated[
        str | None,
        typer.Option(
            help="Draw it for these images.",
            show_default="32 x 32 x 3 pixels, 10 classes",
            autocompletion=completed(dataset_names),
        ),
    ] = None,
    export: Annotated[bool, typer.Option("--export", help="As a YAML file to be changed.")] = False,
    style: Format = "table",
) -> None:
    """Show the search spaces that have a name, or one: its hyperparameters and its network."""
    from tuner.cli import catalogue

    if name is None:
        if fixed or dataset or export:
            raise UsageError("expected the name of a space: tuner spaces NAME (tuner spaces)")
        show_frame(catalogue.spaces_frame(), catalogue.ANY_SPACE, style)
        return
    space = found_space(name, dataset)
    if export:
        from search_spaces.yaml_files import as_yaml

        echo(as_yaml(name, space.hyperparameters).rstrip())
        return
    values = catalogue.values_of(name, space, fixed)
    network = catalogue.network_frame(space, values)
    if style == "table":
        print_result(catalogue.hyperparameters_table(space))
        echo("")
    show_frame(network, catalogue.network_caption(space, values), style, catalogue.spoken)


def found_space(name: str, dataset: str | None) -> "Space":
    """The space of a name, for the images of a dataset."""
    from tuner.planning import ANY_IMAGES
    from tuner.space import make_space
    from tuner.training.backend import start_tensorflow
    from tuner.training.datasets import check_name, load_dataset

    images: tuple[Any, int] = (ANY_IMAGES, 10)
    if dataset is not None:
        check_name(dataset)
        loaded = load_dataset(dataset)
        images = (loaded.input_shape, loaded.num_classes)
    start_tensorflow()
    return make_space(name, *images)


@app.command(epilog="Example: tuner data")
def data() -> None:
    """Show which datasets are at hand, and where they were looked for."""
    from tuner.cli.tables import data_table

    print_result(data_table())
