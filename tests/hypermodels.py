"""HyperModels as tutorials, guides and bug reports write them; for 8 x 8 images of 10 classes."""

import keras
import keras_tuner as kt
from keras import layers

SPARSE = "sparse_categorical_crossentropy"


def dense(hp, outputs=10, activation="softmax"):
    return keras.Sequential([
        keras.Input((8, 8, 1)), layers.Flatten(),
        layers.Dense(hp.Choice("units", [16, 64]), activation="relu"),
        layers.Dense(outputs, activation=activation),
    ])  # fmt: skip


def compiled(model, loss=SPARSE, metrics=("accuracy",), optimizer="adam"):
    model.compile(optimizer, loss, metrics=list(metrics))
    return model


class NoInput(kt.HyperModel):
    def build(self, hp):
        model = keras.Sequential([layers.Flatten()])
        model.add(layers.Dense(hp.Choice("units", [16, 64]), activation="relu"))
        model.add(layers.Dense(10, activation="softmax"))
        return compiled(model)


class OneHot(kt.HyperModel):
    def build(self, hp):
        return compiled(dense(hp), "categorical_crossentropy")


class Acc(kt.HyperModel):
    def build(self, hp):
        return compiled(dense(hp), metrics=["acc"])


class SparseObject(kt.HyperModel):
    def build(self, hp):
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        metrics = [keras.metrics.SparseCategoricalAccuracy()]
        return compiled(dense(hp, activation=None), loss, metrics)


class Several(kt.HyperModel):
    def build(self, hp):
        top3 = keras.metrics.SparseTopKCategoricalAccuracy(3, name="top3")
        return compiled(dense(hp), metrics=["accuracy", top3])


class Auc(kt.HyperModel):
    def build(self, hp):
        return compiled(dense(hp), "categorical_crossentropy", [keras.metrics.AUC(name="auc")])


class NoMetrics(kt.HyperModel):
    def build(self, hp):
        return compiled(dense(hp), metrics=())


class Regression(kt.HyperModel):
    def build(self, hp):
        return compiled(dense(hp, 1, "linear"), "mse", ["mae"])


class OwnLoss(kt.HyperModel):
    def build(self, hp):
        def brier(truth, found):
            return keras.ops.mean(keras.ops.square(truth - found), axis=-1)

        return compiled(dense(hp), brier, ["categorical_accuracy"])


class TwoHeads(kt.HyperModel):
    def build(self, hp):
        images = keras.Input((8, 8, 1))
        features = layers.Dense(hp.Choice("units", [16, 64]))(layers.Flatten()(images))
        heads = [layers.Dense(10, activation="softmax")(features) for _ in range(2)]
        return compiled(keras.Model(images, heads), [SPARSE, SPARSE], [["accuracy"], ["accuracy"]])


class NotCompiled(kt.HyperModel):
    def build(self, hp):
        return dense(hp)


class Mnist(kt.HyperModel):
    def build(self, hp):
        model = keras.Sequential([keras.Input((28, 28)), layers.Flatten()])
        model.add(layers.Dense(hp.Choice("units", [16, 64])))
        model.add(layers.Dense(10, activation="softmax"))
        return compiled(model)


class Stack(kt.HyperModel):
    def build(self, hp):
        model = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten()])
        for i in range(hp.Int("num_layers", 1, 3)):
            model.add(layers.Dense(hp.Choice(f"units_{i}", [16, 64]), activation="relu"))
        model.add(layers.Dense(10, activation="softmax"))
        return compiled(model)


class Kinds(kt.HyperModel):
    def build(self, hp):
        kind = hp.Choice("kind", ["mlp", "cnn"])
        model = keras.Sequential([keras.Input((8, 8, 1))])
        with hp.conditional_scope("kind", ["mlp"]):
            if kind == "mlp":
                model.add(layers.Flatten())
                model.add(layers.Dense(hp.Int("units", 16, 48, step=16), activation="relu"))
        with hp.conditional_scope("kind", ["cnn"]):
            if kind == "cnn":
                model.add(layers.Conv2D(hp.Choice("filters", [4, 8]), 3, activation="relu"))
                if hp.Boolean("pool"):
                    with hp.conditional_scope("pool", [True]):
                        size = hp.Choice("pool_size", [2, 3])
                    model.add(layers.MaxPooling2D(size))
                model.add(layers.Flatten())
        model.add(layers.Dense(10, activation="softmax"))
        return compiled(model)


class Rate(kt.HyperModel):
    def build(self, hp):
        model = dense(hp)
        if hp.Boolean("dropout"):
            model = keras.Sequential([*model.layers[:-1], layers.Dropout(0.25), model.layers[-1]])
        rate = hp.Float("learning_rate", 1e-4, 1e-2, sampling="log", default=1e-3)
        return compiled(model, optimizer=keras.optimizers.Adam(rate))


class Arguments(kt.HyperModel):
    def __init__(self, img_size, classes):
        super().__init__()
        self.img_size, self.classes = img_size, classes

    def build(self, hp):
        model = keras.Sequential([keras.Input(self.img_size), layers.Flatten()])
        model.add(layers.Dense(hp.Choice("units", [16, 64]), activation="relu"))
        model.add(layers.Dense(self.classes, activation="softmax"))
        return compiled(model)


instance = Arguments((8, 8, 1), 10)


def factory():
    return Arguments((8, 8, 1), 10)


def build_model(hp):
    return compiled(dense(hp))


class Asks(kt.HyperModel):
    def __init__(self, secret):
        super().__init__()


class Pools(kt.HyperModel):
    def __init__(self, input_shape, num_classes):
        super().__init__()
        self.input_shape, self.num_classes = input_shape, num_classes

    def build(self, hp):
        model = keras.Sequential([keras.Input(self.input_shape)])
        for _ in range(hp.Int("conv_blocks", 1, 4)):
            model.add(layers.Conv2D(hp.Choice("filters", [4, 8]), 3, activation="relu"))
            model.add(layers.MaxPooling2D())
        model.add(layers.Flatten())
        model.add(layers.Dense(self.num_classes, activation="softmax"))
        return compiled(model)


class Scales(kt.HyperModel):
    def build(self, hp):
        return compiled(keras.Sequential([keras.Input((8, 8, 1)), layers.Rescaling(1 / 255),
                                          *dense(hp).layers]))  # fmt: skip


class Fits(kt.HyperModel):
    def build(self, hp):
        return compiled(dense(hp))

    def fit(self, hp, model, *args, **kwargs):
        return model.fit(
            *args, batch_size=hp.Choice("batch_size", [32, 64]), shuffle=hp.Boolean("shuffle"),
            **kwargs,
        )  # fmt: skip


class Taken(kt.HyperModel):
    def build(self, hp):
        hp.Choice("seed", [1, 2])
        hp.Choice("epochs", [5])
        kind = hp.Choice("cell", ["relu", "tanh"])
        flat = [keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(16, activation=kind)]
        return compiled(keras.Sequential([*flat, layers.Dense(10, activation="softmax")]))


class Wide(kt.HyperModel):
    def build(self, hp):
        model = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten()])
        for i in range(hp.Int("num_layers", 2, 4)):
            model.add(layers.Dense(hp.Int(f"units_{i}", 8, 512, step=8), activation="relu"))
        model.add(layers.Dropout(hp.Float("rate", 0, 0.5, step=0.05)))
        model.add(layers.Dense(10, activation="softmax"))
        return compiled(model)


class Branch(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.flatten, self.hidden = layers.Flatten(), layers.Dense(units, activation="relu")
        self.classes = layers.Dense(10, activation="softmax")

    def call(self, images):
        return self.classes(self.hidden(self.flatten(images)))


class Subclassed(kt.HyperModel):
    def build(self, hp):
        return compiled(Branch(hp.Choice("units", [16, 64])))


class Together(kt.HyperModel):
    """A hyperparameter that needs two answers at once."""

    def build(self, hp):
        both = [hp.Boolean("a"), hp.Boolean("b")]
        units = hp.Choice("units", [8, 16]) if all(both) else 8
        model = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(units)])
        model.add(layers.Dense(10, activation="softmax"))
        return compiled(model)


NOISY = {
    "dropout": lambda: [layers.Flatten(), layers.Dropout(0.5)],  # soon built, soon traced
    "noise": lambda: [
        layers.GaussianNoise(0.5), layers.Conv2D(8, 3), layers.SpatialDropout2D(0.5),
        layers.GaussianDropout(0.3), layers.Flatten(), layers.Dropout(0.5),
        layers.AlphaDropout(0.3),
    ],
    "normalization": lambda: [
        layers.Conv2D(8, 3), layers.BatchNormalization(), layers.GroupNormalization(4),
        layers.LayerNormalization(), layers.Flatten(),
        layers.SpectralNormalization(layers.Dense(16)),
    ],
    "augmentation": lambda: [
        layers.RandomFlip(), layers.RandomRotation(0.1), layers.RandomTranslation(0.1, 0.1),
        layers.RandomZoom(0.1), layers.Flatten(),
    ],
    "recurrent": lambda: [layers.Reshape((8, 8)), layers.GRU(8, recurrent_dropout=0.3)],
    "own": lambda: [layers.Flatten(), Shifted(16)],
    "lambda": lambda: [layers.Lambda(lambda images: images * 2), layers.Flatten()],
}  # fmt: skip


class Shifted(layers.Dense):
    """A layer of a user's, which counts how often it was built in ways that Keras cannot know."""

    made = 0

    def build(self, shape):
        super().build(shape)
        Shifted.made += 1
        self.shift = float(Shifted.made % 2)

    def call(self, inputs):
        return super().call(inputs) + self.shift


class Noisy(kt.HyperModel):
    """Layers with a state or with chance of their own, and every kind of optimizer."""

    def build(self, hp):
        chosen = NOISY[hp.Choice("layers", list(NOISY))]()
        inputs = keras.Input((8, 8, 1))
        model = keras.Sequential([inputs, *chosen, layers.Dense(10, activation="softmax")])
        return compiled(model, optimizer=hp.Choice("optimizer", ["adam", "sgd", "lion", "nadam"]))


class Diverges(kt.HyperModel):
    """A loss that is no number."""

    def build(self, hp):
        def loss(labels, outputs):
            return keras.ops.sum(outputs, axis=-1) * float("nan")

        return compiled(dense(hp), loss=loss)


class Sometimes(kt.HyperModel):
    """A loss that is no number at one of the levels; a name that studies call a column by."""

    def build(self, hp):
        hp.Fixed("seed", 7)
        is_well = hp.Choice("head", ["well", "unwell"]) == "well"

        def loss(labels, outputs):
            found = keras.losses.sparse_categorical_crossentropy(labels, outputs)
            return found * (1.0 if is_well else float("nan"))

        return compiled(dense(hp), loss=loss)
