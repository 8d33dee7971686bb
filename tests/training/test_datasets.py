"""Datasets, and the one line that each unusable one is refused with."""

import os
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from tuner.errors import DataError, UsageError
from tuner.training.datasets import (
    check_name,
    cifar10_places,
    digits,
    load_dataset,
    load_test_images,
)
from tuner.training.npz import KEYS

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 4, 4, 3), np.uint8)
LABELS = np.arange(20) % 4
ARRAYS = {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES[:4], "y_test": LABELS[:4]}


@pytest.fixture(autouse=True)
def _nothing_remembered():
    load_dataset.cache_clear()


@pytest.fixture
def npz(tmp_path):
    """Writes the four arrays, some replaced; None leaves one out. Returns the file's name."""

    def write(**replaced):
        arrays = {key: value for key, value in {**ARRAYS, **replaced}.items() if value is not None}
        np.savez(tmp_path / "own.npz", **arrays)
        return str(tmp_path / "own.npz")

    return write


@pytest.fixture
def folder(tmp_path):
    """Five images in each of two classes of train/."""
    for label, name in enumerate(["cat", "dog"]):
        (tmp_path / "train" / name).mkdir(parents=True)
        for number in range(5):
            image = Image.fromarray(IMAGES[5 * label + number])
            image.save(tmp_path / "train" / name / f"{number}.png")
    return tmp_path


def refused(name):
    """The message that a dataset is refused with, found to be one line."""
    with pytest.raises((DataError, UsageError)) as caught:
        load_dataset(str(name))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_digits_are_the_real_ones_without_their_test_images():
    digits = load_dataset("digits")
    assert (len(digits.images), digits.input_shape, digits.num_classes) == (1437, (8, 8, 1), 10)
    assert (digits.images.dtype, digits.images.min(), digits.images.max()) == (np.uint8, 0, 255)


def test_an_npz_gives_its_training_images(npz):
    dataset = load_dataset(npz())
    assert (dataset.images == IMAGES).all()
    assert dataset.labels.tolist() == LABELS.tolist()
    assert (dataset.input_shape, dataset.num_classes) == ((4, 4, 3), 4)


def test_labels_may_be_a_column_and_grey_images_may_lack_their_channel(npz):
    dataset = load_dataset(npz(x_train=IMAGES[..., 0], y_train=LABELS[:, None]))
    assert (dataset.images.shape, dataset.labels.shape) == ((20, 4, 4, 1), (20,))


@pytest.mark.parametrize("changed", ["x_train", "y_train"])
def test_the_hash_changes_with_the_training_images_and_labels(npz, changed):
    before = load_dataset(npz()).sha256
    load_dataset.cache_clear()
    assert load_dataset(npz(**{changed: ARRAYS[changed][::-1].copy()})).sha256 != before


def test_the_hash_does_not_see_the_test_images(npz):
    before = load_dataset(npz()).sha256
    load_dataset.cache_clear()
    assert load_dataset(npz(x_test=IMAGES[4:8])).sha256 == before


@pytest.mark.parametrize(
    ("replaced", "message"),
    [
        ({"x_train": IMAGES[0, 0]}, "expected x_train of shape (n, height, width, 1 or 3), got (4"),
        ({"x_train": IMAGES[..., :2]}, "or 3), got (20, 4, 4, 2)"),
        ({"x_train": IMAGES[:0]}, "or 3), got (0, 4, 4, 3)"),
        ({"x_train": IMAGES / 255}, "got float64 from 0 to 1; save (x * 255).round().astype"),
        ({"x_train": IMAGES * 1.0}, "got float64 from 0 to 255; save x.astype('uint8')"),
        ({"x_train": IMAGES.astype(int)}, "expected uint8 images from 0 to 255, got int64"),
        ({"x_train": IMAGES.astype(str)}, "expected uint8 images from 0 to 255, got <U3"),
        ({"y_train": LABELS[:19]}, "expected y_train of shape (20,) or (20, 1) for as many images"),
        ({"y_train": np.eye(4)[LABELS]}, "for as many images, got (20, 4)"),
        ({"y_train": LABELS - 1}, "expected labels that count from 0, got [-1, 0, 1]"),
        ({"y_train": LABELS * 1.5}, "expected labels that count from 0, got [0.0, 1.5, 3.0]"),
        ({"y_train": LABELS.astype(str)}, "expected labels that count from 0, got ['0', '1', '2']"),
        ({"y_train": LABELS + 1}, "labels 0 to 4 all in use, got none of [0]"),
        ({"y_train": LABELS * 2}, "labels 0 to 6 all in use, got none of [1, 3, 5]"),
        ({"y_train": LABELS * 10**14}, "all in use, got none of"),
        ({"y_train": LABELS * 0}, "expected two classes or more"),
        ({"y_test": None}, "expected the arrays x_train, y_train, x_test, y_test; y_test missing"),
        ({"x_train": None, "y_train": None}, "x_train, y_train missing"),
        ({"x_train": IMAGES.astype(object)}, "holds pickled objects; expected an .npz of plain"),
    ],
)
def test_an_unusable_array_is_told_in_one_line(npz, replaced, message):
    name = npz(**replaced)
    told = refused(name)
    assert message in told
    assert name in told


def stored(path, header, content=b"", **archive):
    """An .npz whose x_train has this header before its content."""
    size = len(header).to_bytes(2, "little")
    with zipfile.ZipFile(path, "w", **archive) as file:
        for key in KEYS:
            file.writestr(f"{key}.npy", b"\x93NUMPY\x01\x00" + size + header + content)
    return path


@pytest.mark.parametrize(
    "header",
    [
        b"{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000000, 32, 32, 3)}\n",
        b"{'descr': '|S999999999', 'fortran_order': False, 'shape': (9999,)}\n",
        b"{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}\n",
        b"{'descr': '|u1', 'fortran_order': False, 'shape': (1", b"{", b"", b"(" * 9000,
        b"{'descr': 5, 'fortran_order': False, 'shape': ()}\n",
    ],
)  # fmt: skip
def test_a_header_is_not_believed(tmp_path, header):
    assert "x.npz cannot be used: " in refused(stored(tmp_path / "x.npz", header))


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_what_is_broken_within_an_archive_is_told(tmp_path, method):
    path = stored(tmp_path / "x.npz", b"{" * 500, compression=method)
    content = bytearray(path.read_bytes())
    content[45:60] = bytes(15)
    path.write_bytes(content)
    assert "x.npz cannot be used: " in refused(path)


def test_what_would_not_fit_into_memory_is_refused_before_it_is_read(npz, monkeypatch):
    monkeypatch.setattr("tuner.training.memory.total_memory", lambda: 100)
    assert "do not fit into memory" in refused(npz())


@pytest.mark.parametrize(
    "replaced",
    [{"x_train": np.zeros((5, 0, 0, 3))}, {"y_train": LABELS.astype("m8[s]")},
     {"y_train": LABELS.astype("M8[s]")}, {"y_train": LABELS.astype(complex)}],
)  # fmt: skip
def test_arrays_of_other_kinds_are_told(npz, replaced):
    assert "expected" in refused(npz(**replaced))


def test_a_pipe_is_refused_and_not_waited_for(tmp_path, folder):
    os.mkfifo(tmp_path / "x.npz")
    assert "it is not a regular file" in refused(tmp_path / "x.npz")
    os.mkfifo(folder / "train" / "cat" / "x.png")
    assert "x.png cannot be read as an image: it is not a regular file" in refused(folder)


def test_a_user_that_is_not_there_is_told():
    assert "no dataset '~nosuchuser/x.npz'" in refused("~nosuchuser/x.npz")


@pytest.mark.parametrize("format", ["GIF", "TIFF", "BMP", "PPM", "EPS"])
def test_a_picture_of_another_format_is_refused_whatever_its_name(folder, format):
    Image.fromarray(IMAGES[0]).save(folder / "train" / "cat" / "z.png", format)
    assert "z.png cannot be read as an image: cannot identify image file" in refused(folder)


def chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


@pytest.mark.parametrize(
    "chunks",
    [
        chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)),  # a bomb
        chunk(b"IHDR", struct.pack(">IIBBBBB", 10_000, 10_000, 8, 0, 0, 0, 0)),  # Pillow only warns
        chunk(b"IHDR", b"\0\0"), chunk(b"I\0DR", bytes(13)), b"", bytes(40),
    ],
)  # fmt: skip
def test_a_broken_or_boundless_picture_is_told(folder, chunks):
    picture = b"\x89PNG\r\n\x1a\n" + chunks + chunk(b"IDAT", zlib.compress(bytes(100)))
    (folder / "train" / "cat" / "z.png").write_bytes(picture + chunk(b"IEND", b""))
    assert "z.png cannot be read as an image: " in refused(folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_this_user_may_not_read_is_told(folder):
    (folder / "train" / "cat").chmod(0)
    assert "cat cannot be read: Permission denied" in refused(folder)
    (folder / "train" / "cat").chmod(0o700)


def test_a_missing_file_is_told_with_what_it_should_hold(tmp_path):
    message = refused(tmp_path / "absent.npz")
    assert message == f"no file {tmp_path / 'absent.npz'}: expected an .npz with {', '.join(KEYS)}"


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 torn"])
def test_a_file_that_is_no_archive_is_refused(tmp_path, content):
    (tmp_path / "torn.npz").write_bytes(content)
    assert "torn.npz cannot be used: " in refused(tmp_path / "torn.npz")


def test_a_single_array_is_no_archive(tmp_path):
    with (tmp_path / "one.npz").open("wb") as file:
        np.save(file, IMAGES)
    assert "one.npz cannot be used: " in refused(tmp_path / "one.npz")


@pytest.mark.parametrize("damage", [b"\x00", b"\x55", b"\xff"])
def test_a_damaged_archive_is_refused(tmp_path, damage):
    file = tmp_path / "damaged.npz"
    np.savez_compressed(file, **ARRAYS)
    content = bytearray(file.read_bytes())
    content[100:140] = 40 * damage
    file.write_bytes(content)
    assert "damaged.npz cannot be used: " in refused(file)


@pytest.mark.parametrize("name", ["cifar100", "photos", "images.csv"])
def test_an_unknown_name_is_told_with_the_kinds_there_are(name):
    assert refused(name).startswith(f"no dataset {name!r}.")
    assert "(datasets: cifar10, digits; or a file.npz; or a folder" in refused(name)
    with pytest.raises(UsageError):
        check_name(name)


def test_the_name_of_a_dataset_is_checked_before_it_is_loaded(folder):
    for name in ("cifar10", "digits", "absent.npz", str(folder)):
        check_name(name)


def test_a_folder_gives_its_classes_in_alphabetical_order(folder):
    dataset = load_dataset(str(folder))
    assert dataset.labels.tolist() == [0] * 5 + [1] * 5
    assert (dataset.images == IMAGES[:10]).all()


def test_a_folder_of_grey_images_has_one_channel(folder):
    for path in folder.glob("train/*/*.png"):
        Image.open(path).convert("L").save(path)
    assert load_dataset(str(folder)).input_shape == (4, 4, 1)


def test_files_that_are_not_images_are_passed_over(folder):
    (folder / "train" / "cat" / "notes.txt").write_text("of cats")
    (folder / "train" / "readme.md").write_text("two classes")
    assert len(load_dataset(str(folder)).images) == 10


def test_an_empty_class_folder_is_told(folder):
    (folder / "train" / "emu").mkdir()
    assert refused(folder) == (
        f"{folder}/train/emu: expected images (*.png, *.jpg) of this class, got none"
    )


@pytest.mark.parametrize("made", ["nothing", "train"])
def test_a_folder_without_classes_is_told(tmp_path, made):
    (tmp_path / made).mkdir()
    assert "train: expected a folder for each class, train/<class>/*.png" in refused(tmp_path)


def test_a_folder_with_one_class_is_told(folder):
    for path in folder.glob("train/dog/*"):
        path.rename(folder / "train" / "cat" / f"dog{path.name}")
    (folder / "train" / "dog").rmdir()
    assert "expected two classes or more" in refused(folder)


def test_an_image_of_another_shape_is_told_with_its_file(folder):
    Image.fromarray(IMAGES[0, :3]).save(folder / "train" / "dog" / "3.png")
    assert refused(folder) == (
        f"{folder}/train/dog/3.png: expected the shape of the other images, (4, 4, 3), "
        "got (3, 4, 3)"
    )


def test_a_broken_image_is_told_with_its_file(folder):
    (folder / "train" / "cat" / "2.png").write_bytes(b"no image")
    assert "train/cat/2.png cannot be read as an image: " in refused(folder)


def test_cifar10_is_found_in_the_data_folder_of_the_environment(npz, tmp_path, monkeypatch):
    os.rename(npz(), tmp_path / "cifar10.npz")
    monkeypatch.setenv("TUNER_DATA_DIR", str(tmp_path))
    assert cifar10_places()[0] == (str(tmp_path / "cifar10.npz"), True)
    assert (load_dataset("cifar10").images == IMAGES).all()


@pytest.mark.slow  # Keras is loaded, and asks the network
def test_cifar10_without_cache_or_network_says_what_was_tried_and_what_to_do(tmp_path):
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "TUNER_DATA_DIR": str(tmp_path / "own"),
        "https_proxy": "http://127.0.0.1:9", "TF_CPP_MIN_LOG_LEVEL": "3",
    }  # fmt: skip
    script = (
        "from tuner.training.datasets import load_dataset, DataError\n"
        "try: load_dataset('cifar10')\n"
        "except DataError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    [line] = done.stdout.splitlines()
    for told in (
        f"{tmp_path}/own/cifar10.npz", f"{tmp_path}/.keras/datasets", "keras.datasets.cifar10",
        "--dataset PATH/cifar10.npz", "TUNER_DATA_DIR", "--dataset digits",
    ):  # fmt: skip
        assert told in line


@pytest.mark.parametrize("part", ["train", "test"])
def test_the_digits_are_those_that_scikit_learn_gives_and_parts(part):
    found = load_digits()
    parts = train_test_split(
        np.arange(len(found.images)), test_size=0.2, stratify=found.target, random_state=0
    )
    places = parts[part == "test"]
    images, labels = digits(part)
    assert np.array_equal(images, np.round(found.images[places] * 255 / 16))
    assert np.array_equal(labels, found.target[places])
    assert (images.dtype, labels.dtype) == (np.uint8, found.target.dtype)


def test_the_test_images_of_the_digits_are_those_that_are_not_trained_on():
    training = load_dataset("digits")
    test = load_test_images(training)
    assert (len(training.labels), len(test.labels)) == (1437, 360)
    seen = {image.tobytes() for image in training.images}
    assert not any(image.tobytes() in seen for image in test.images)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"x_test": IMAGES[:0]}, r"has no test images \(x_test is empty\)"),
        (
            {"x_test": IMAGES[:4, :3]},
            r"training images' shape, \(4, 4, 3\), got \(3, 4, 3\)",
        ),
        ({"x_test": IMAGES[:4] / 255}, "expected uint8 images"),
        ({"y_test": np.array([0, 1, 2, 7])}, "the classes of y_train, 0 to 3, got 7"),
        ({"y_test": np.array([0])}, r"expected y_test of shape \(4,\)"),
    ],
)
def test_test_images_unlike_the_training_images_are_refused(npz, changed, message):
    training = load_dataset(npz(**changed))
    with pytest.raises(DataError, match=message):
        load_test_images(training)


def test_a_folder_has_test_images_of_the_same_classes(tmp_path):
    for part, names in (("train", "ab"), ("test", "ab")):
        for shade, name in enumerate(names):
            (tmp_path / part / name).mkdir(parents=True)
            save(tmp_path / part / name / "0.png", shade)
    training = load_dataset(str(tmp_path))
    assert load_test_images(training).labels.tolist() == [0, 1]
    (tmp_path / "test" / "b").rename(tmp_path / "test" / "c")
    with pytest.raises(DataError, match=r"same classes in test/ as in train/ \(a, b\), got a, c"):
        load_test_images(training)
    shutil.rmtree(tmp_path / "test")
    with pytest.raises(DataError, match=r"expected a folder for each class, test/<class>/"):
        load_test_images(training)


def save(path, shade):
    Image.fromarray(np.full((8, 8), shade, np.uint8)).save(path)
