"""The network that a study ends with: trained once more, and scored on test images."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tuner.errors import StudyError
from tuner.execution import Execution
from tuner.space import make_space
from tuner.training.datasets import Dataset
from tuner.training.epochs import Images, epoch_function
from tuner.training.execute import attempt, build
from tuner.training.keeping import check_keepable, plain
from tuner.training.labels import shaped
from tuner.training.reported import ACCURACIES, accuracy_name, finite, prefixed


class Final(NamedTuple):
    """A trained network: as it was trained and measured, and as it is kept.

    Attributes:
        model: In training; it takes scaled images.
        images: That it was trained from; how they were scaled, and the form of their labels.
        form: Of the labels that it wants.
        measured: Its metrics by name, on images of the training set.
        num_images: That it was trained on.
        kept: The same network in plain Keras; it takes uint8 images.
    """

    model: Any
    images: Images
    form: Any
    measured: dict[str, Any]
    num_images: int
    kept: Any


def train_final(
    execution: Execution,
    dataset: Dataset,
    with_validation: bool,
    epoch_ended: Callable[[int], object] = lambda epoch: None,
) -> Final:
    """Trains the network of an execution in this process, as any execution is.

    Args:
        execution: that is asked.
        dataset: of the study.
        with_validation: whether the validation images are trained on too.
        epoch_ended: called with the number of each epoch, from 1, that has ended.

    Raises:
        UsageError: before it is trained, if it is none that Keras can keep.
        StudyError: if it fails or diverges.
    """
    space = make_space(execution.study.space, dataset.input_shape, dataset.num_classes)
    check_keepable(build(space, execution), dataset.input_shape)
    ended = attempt(space, execution, dataset, with_validation, epoch_ended)
    if ended.status != "ok" or ended.ready is None:
        raise StudyError(
            f"the network {ended.status} while it was trained, and no test image was looked at: "
            f"{ended.message}"
        )
    network, images, parts, *_ = ended.ready
    kept = plain(network.model, images.scale, dataset.input_shape)
    return Final(network.model, images, network.form, ended.measured, len(parts.training), kept)


def score(final: Final, test: Dataset) -> dict[str, float | None]:
    """The metrics of a network on test images, by its own measure: test_accuracy, test_loss, ….

    It is computed in plain Keras, as what is kept of it is; None where one is no number.
    """
    import tensorflow as tf

    labels = shaped(test.labels, final.form, test.num_classes)
    images = Images(test.images, labels, final.images.scale).in_memory()
    evaluate = epoch_function(final.model, final.model.test_step)  # traced anew: nothing is fused
    return finite(prefixed("test", evaluate(images, tf.range(len(labels)))))


def counts_right_answers(model: Any) -> bool:
    """Whether the accuracy that a model reports is Keras's: the share of images it is right on."""
    return accuracy_name(model.get_metrics_result()) in ACCURACIES
