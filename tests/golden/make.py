"""Golden vectors of small nets on drawn images: docs/method.md computed a second time, in double precision, with NumPy alone.

    python3 tests/golden/make.py

writes tests/golden/drawn-grey.safetensors and drawn-colour.safetensors, which tests/core reads. Nothing here is shared with
the Rust code: gradients are derivatives by complex steps, f(w + ih) = f(w) + ih·f'(w), which are exact to rounding.
Sections (§) are those of docs/method.md.
"""

import json
import pathlib
import struct

import numpy as np

CLASSES = 10
GAMMA, SMOOTHING, CLIP = 0.2, 0.01, 1.0
RATE, MOMENTUM, DECAY, MEANS_RATE = 0.07, 0.9, 1e-4, 3.0
STEP = 1e-30
BN_EPSILON, NEWEST = 1e-4, 0.999


# The drawing: the seven segments of a digit, as distances from lines.
SEGMENTS = [(.2, .1, .8, .1), (.8, .1, .8, .5), (.8, .5, .8, .9), (.2, .9, .8, .9), (.2, .5, .2, .9), (.2, .1, .2, .5), (.2, .5, .8, .5)]
DIGITS = ["012345", "12", "01346", "01236", "1256", "02356", "023456", "012", "0123456", "012356"]


def draw(digit, side, random):
    """A digit of `side`×`side` bytes, a little moved."""
    moved = random.uniform(-.06, .06, 2)
    centres = (np.arange(side) + .5) / side
    x, y = centres[None, :] - moved[0], centres[:, None] - moved[1]
    image = np.zeros((side, side))
    for segment in DIGITS[digit]:
        x0, y0, x1, y1 = SEGMENTS[int(segment)]
        length = (x1 - x0) ** 2 + (y1 - y0) ** 2
        along = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length, 0, 1)
        distance = np.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0))
        image = np.maximum(image, np.clip(1.6 - 10 * distance, 0, 1))
    return np.rint(255 * image).astype(np.uint8)


class Net:
    """A flow (§2): two stages of coupling blocks with a down-coupling between them, DCT, permutation, dense coupling."""

    def __init__(self, channels, side, haar, width, hidden, random):
        self.input, self.haar, self.width, self.hidden = (channels, side, side), haar, width, hidden
        self.dims = channels * side * side
        self.tensors, self.random = {}, random
        c, n = (4 * channels, side // 2) if haar else (channels, side)
        self.blocks(0, c, first_relu=haar)
        first = c // 2
        self.subnet("down0.strided", first, 8 * (c - first), 2 * width)
        self.subnet("down0.lowres", 4 * (c - first), 8 * first, 2 * width)
        c, n = 4 * c, n // 2
        self.blocks(1, c, first_relu=True)
        self.dct_n, self.dct_channels = n, c
        half = self.dims // 2
        for net, inputs in [("net1", half), ("net2", self.dims - half)]:
            outputs = 2 * (self.dims - inputs)
            self.set(f"dense.{net}.fc1.weight", .3 * random.normal(size=(hidden, inputs)))
            self.set(f"dense.{net}.fc1.bias", .1 * random.normal(size=hidden))
            self.set(f"dense.{net}.fc2.weight", .3 * random.normal(size=(outputs, hidden)))
            self.set(f"dense.{net}.fc2.bias", .1 * random.normal(size=outputs))
        self.permutation = random.permutation(self.dims)
        self.set("means", random.normal(size=(CLASSES, self.dims)) * .3)

    def set(self, name, values):
        # Rounded to what the file holds.
        self.tensors[name] = np.asarray(values, dtype=np.float32).astype(np.float64)

    def blocks(self, stage, c, first_relu):
        self.first_relu = getattr(self, "first_relu", first_relu)
        for block in range(2):
            name = f"stage{stage}.block{block}"
            q, r = np.linalg.qr(self.random.normal(size=(c, c)))
            q = q * np.sign(np.diag(r))
            q[0] *= np.sign(np.linalg.det(q))
            self.set(f"{name}.mix.matrix", q)
            self.set(f"{name}.scale.log_alpha", self.random.uniform(-.4, 0, c))
            self.set(f"{name}.offset", self.random.uniform(-.2, .2, c))
            self.subnet(f"{name}.subnet", c - c // 2, 2 * (c // 2), self.width)

    def subnet(self, name, inputs, outputs, width):
        for layer, fan in [(1, inputs), (2, width)]:
            self.set(f"{name}.conv{layer}.weight", self.random.normal(size=(width, fan, 3, 3)) * (2 / (9 * fan)) ** .5)
            for part, low, high in [("gamma", .6, 1.4), ("beta", -.3, .3), ("running_mean", -.3, .3), ("running_var", .5, 1.5)]:
                self.set(f"{name}.bn{layer}.{part}", self.random.uniform(low, high, width))
        self.set(f"{name}.conv3.weight", self.random.normal(size=(outputs, width, 1, 1)) * (2 / width) ** .5)
        self.set(f"{name}.conv3.bias", self.random.uniform(-.3, .3, outputs))

    def trained(self):
        fixed = ("mix.matrix", "running_mean", "running_var")
        return [name for name in self.tensors if not name.endswith(fixed)]


def relu(a):
    return np.where(a.real > 0, a, 0)


def convolve(x, w, stride=1):
    """Cross-correlation with a 3×3 kernel and zero padding of 1."""
    _, _, height, width = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    taps = [(dy, dx) for dy in range(3) for dx in range(3)]
    parts = (np.einsum("oi,bihw->bohw", w[:, :, dy, dx], padded[:, :, dy:dy + height:stride, dx:dx + width:stride]) for dy, dx in taps)
    return sum(parts)


class Pass:
    """One pass of a batch; in training mode batch-norm takes the statistics of the batch and keeps them."""

    def __init__(self, net, tensors, training):
        self.net, self.t, self.training = net, tensors, training
        self.outputs, self.log_dets, self.statistics = {}, {}, {}

    def norm(self, name, x):
        column = lambda part: self.t[f"{name}.{part}"][None, :, None, None]
        if self.training:
            mean = x.mean((0, 2, 3), keepdims=True)
            variance = ((x - mean) ** 2).mean((0, 2, 3), keepdims=True)
            count = x.shape[0] * x.shape[2] * x.shape[3]
            self.statistics[f"{name}.running_mean"] = mean.ravel()
            self.statistics[f"{name}.running_var"] = variance.ravel() * count / (count - 1)
        else:
            mean, variance = column("running_mean"), column("running_var")
        return (x - mean) / np.sqrt(variance + BN_EPSILON) * column("gamma") + column("beta")

    def subnet(self, name, x, stride=1, leading_relu=False):
        x = relu(x) if leading_relu else x
        x = relu(self.norm(f"{name}.bn1", convolve(x, self.t[f"{name}.conv1.weight"])))
        x = relu(self.norm(f"{name}.bn2", convolve(x, self.t[f"{name}.conv2.weight"], stride)))
        x = np.einsum("oi,bihw->bohw", self.t[f"{name}.conv3.weight"][:, :, 0, 0], x)
        return np.split(x + self.t[f"{name}.conv3.bias"][None, :, None, None], 2, axis=1)

    def block(self, name, x, leading_relu):
        c = x.shape[1]
        x1, x2 = x[:, :c - c // 2], x[:, c - c // 2:]
        a_s, a_t = self.subnet(f"{name}.subnet", x1, leading_relu=leading_relu)
        scale = .7 * np.tanh(.1 * a_s)
        u = np.concatenate([x1, x2 * np.exp(scale) + a_t], axis=1)
        alpha = self.t[f"{name}.scale.log_alpha"]
        y = np.einsum("cj,bjhw->bchw", self.t[f"{name}.mix.matrix"], u)
        y = y * np.exp(alpha)[None, :, None, None] + self.t[f"{name}.offset"][None, :, None, None]
        self.log_dets[name] = scale.sum((1, 2, 3)) + x.shape[2] * x.shape[3] * alpha.sum()
        return y

    def down(self, x):
        c = x.shape[1]
        x1, x2 = space_to_depth(x[:, :c // 2]), space_to_depth(x[:, c // 2:])
        a_s, a_t = self.subnet("down0.strided", x[:, :c // 2], stride=2)
        scale2 = .7 * np.tanh(.2 * a_s)
        y2 = x2 * np.exp(scale2) + a_t
        a_s, a_t = self.subnet("down0.lowres", y2)
        scale1 = .7 * np.tanh(.2 * a_s)
        self.log_dets["down0"] = scale1.sum((1, 2, 3)) + scale2.sum((1, 2, 3))
        return np.concatenate([x1 * np.exp(scale1) + a_t, y2], axis=1)

    def dct(self, x):
        n = self.net.dct_n
        m, r = dct_matrix(n), 4 * (n + 1)
        out = np.einsum("kn,bcnm,lm->bckl", m, x, m) / r
        # Index (k_x·N + k_y)·C + c.
        z = out.transpose(0, 3, 2, 1).reshape(len(x), -1)
        true = self.net.dct_channels * (2 * n * np.log(abs(np.linalg.det(m))) - n * n * np.log(r))
        self.log_dets["dct"] = np.full(len(x), true)
        return z

    def dense_net(self, name, x):
        h = relu(x @ self.t[f"dense.{name}.fc1.weight"].T + self.t[f"dense.{name}.fc1.bias"])
        return np.split(h @ self.t[f"dense.{name}.fc2.weight"].T + self.t[f"dense.{name}.fc2.bias"], 2, axis=1)

    def dense(self, x):
        half = self.net.dims // 2
        x1, x2 = x[:, :half], x[:, half:]
        clamp = lambda s: 2 * .636 * np.arctan(s / 2)
        s, t = self.dense_net("net2", x2)
        e2 = clamp(s)
        y1 = x1 * np.exp(e2) + t
        s, t = self.dense_net("net1", y1)
        e1 = clamp(s)
        self.log_dets["dense"] = e1.sum(1) + e2.sum(1)
        return np.concatenate([y1, x2 * np.exp(e1) + t], axis=1)

    def run(self, x):
        keep = self.outputs.__setitem__
        if self.net.haar:
            x = haar(x)
            self.log_dets["haar"] = np.zeros(len(x))
            keep("haar", x)
        for block in range(2):
            x = self.block(f"stage0.block{block}", x, self.net.first_relu or block > 0)
        keep("stage0", x)
        x = self.down(x)
        keep("down0", x)
        for block in range(2):
            x = self.block(f"stage1.block{block}", x, True)
        keep("stage1", x)
        x = self.dct(x)
        keep("dct", x)
        x = x[:, self.net.permutation]
        self.log_dets["perm"] = np.zeros(len(x))
        z = self.dense(x)
        keep("z", z)
        return z, sum(self.log_dets.values())


def haar(x):
    a, b, c, d = x[:, :, ::2, ::2], x[:, :, ::2, 1::2], x[:, :, 1::2, ::2], x[:, :, 1::2, 1::2]
    four = np.stack([a + b + c + d, a - b + c - d, a + b - c - d, a - b - c + d], axis=2) / 2
    return four.reshape(len(x), -1, *a.shape[2:])


def space_to_depth(x):
    four = np.stack([x[:, :, dy::2, dx::2] for dy in range(2) for dx in range(2)], axis=2)
    return four.reshape(len(x), -1, *four.shape[3:])


def dct_matrix(n):
    k, i = np.arange(n)[:, None], np.arange(n)[None, :]
    return 2 * np.cos(np.pi * k * (2 * i + 1) / (2 * n))


def log_sum_exp(a):
    top = a.real.max(1, keepdims=True)
    return np.log(np.exp(a - top).sum(1)) + top[:, 0]


def scores(z, log_det, means, targets):
    """L_X, L_Y, L_cN, logits and posterior of each image (§3.2, §3.3)."""
    dims = z.shape[1]
    logits = -((z[:, None, :] - means[None]) ** 2).sum(2) / 2
    log_posterior = logits - log_sum_exp(logits)[:, None]
    l_x = (-log_sum_exp(logits) + np.log(CLASSES) - log_det) / dims
    l_y = (targets * (log_posterior + np.log(CLASSES))).sum(1)
    label = targets.argmax(1)
    class_nll = (-logits[np.arange(len(z)), label] - log_det) / dims
    return l_x, l_y, class_nll, logits, np.exp(log_posterior)


def invert(net, z):
    """x of z, by Newton's method on the forward pass: no inverse is written down here."""
    x = np.zeros((len(z), *net.input))
    for _ in range(60):
        forward = lambda x: Pass(net, net.tensors, False).run(x)[0]
        residual = forward(x).real - z
        if abs(residual).max() < 1e-12:
            return x
        for i in range(len(z)):
            basis = x[i].ravel() + 1j * STEP * np.eye(net.dims)
            jacobian = forward(basis.reshape(net.dims, *net.input)).imag.T / STEP
            change = np.linalg.solve(jacobian, residual[i])
            # Kinks and curvature: a step that goes too far is halved.
            share = 1.0
            while share > 1e-4 and abs(forward((x[i] - share * change.reshape(net.input))[None])[0].real - z[i]).max() > abs(residual[i]).max():
                share /= 2
            x[i] -= share * change.reshape(net.input)
    raise SystemExit("the inverse was not found")


def targets_of(labels):
    return (1 - SMOOTHING) * np.eye(CLASSES)[labels] + SMOOTHING / CLASSES


def objective(net, tensors, x, targets, kind):
    z, log_det = Pass(net, tensors, True).run(x)
    l_x, l_y, class_nll, _, _ = scores(z, log_det, tensors["means"], targets)
    if kind == "class-nll":
        return 2 * class_nll.mean()
    return 2 / (1 + GAMMA) * l_x.mean() - 2 * GAMMA / (1 + GAMMA) * l_y.mean()


def gradient(value, at):
    """Derivatives of `value` in every number of `at`."""
    flat, out = at.ravel(), np.zeros(at.size)
    for i in range(at.size):
        moved = flat.astype(complex)
        moved[i] += 1j * STEP
        out[i] = value(moved.reshape(at.shape)).imag / STEP
    return out.reshape(at.shape)


def gradients(net, tensors, x, targets, kind, names):
    at = lambda name: gradient(lambda values: objective(net, {**tensors, name: values}, x, targets, kind), tensors[name])
    return {name: at(name) for name in names}


def vectors(net, random):
    channels, side, _ = net.input
    mean, std = ([.5], [.5]) if channels == 1 else ([.4914, .4822, .4465], [.247, .243, .261])
    mean, std = np.array(mean)[None, :, None, None], np.array(std)[None, :, None, None]

    def images(labels):
        ink, ground = random.uniform(.6, 1, (len(labels), channels)), random.uniform(0, .3, (len(labels), channels))
        shapes = np.stack([draw(label, side, random) for label in labels])[:, None] / 255
        return np.rint(255 * (ground[:, :, None, None] * (1 - shapes) + ink[:, :, None, None] * shapes)) / 255

    single = lambda values: np.asarray(values, dtype=np.float32)
    labels, train_labels = np.array([3, 7]), np.array([0, 4, 8, 5])
    x = single((images(labels) - mean) / std).astype(float)
    noisy = images(train_labels) + random.uniform(0, 1 / 256, (4, *net.input)) + .01 * random.normal(size=(4, *net.input))
    train_x = single((noisy - mean) / std).astype(float)
    targets = single(targets_of(train_labels)).astype(float)

    n, channels = net.dct_n, net.dct_channels
    lacks = channels * (2 * n * np.log(abs(np.linalg.det(dct_matrix(n)))) - n * n * np.log(4 * (n + 1)) - n * n * np.log(.5))
    elements = (["haar"] if net.haar else []) + ["stage0.block0", "stage0.block1", "down0", "stage1.block0", "stage1.block1", "dct", "perm", "dense"]
    metadata = {
        "title": "drawn digits, by tests/golden/make.py", "elements": json.dumps(elements), "label_smoothing": str(SMOOTHING),
        "gamma": str(GAMMA), "clip_norm": str(CLIP), "dct_logdet_true_minus_code": repr(float(lacks)),
    }
    arrays = {name: single(values) for name, values in net.tensors.items()}
    arrays |= {"data.x": single(x), "data.labels": labels.astype(np.int32), "dense.perm": net.permutation.astype(np.int32)}
    arrays |= {"train.x": single(train_x), "train.soft_targets": single(targets)}
    expect = lambda name, values: arrays.__setitem__(f"expect.f64.{name}", np.asarray(values))

    # Evaluation mode.
    run = Pass(net, net.tensors, False)
    z, log_det = run.run(x)
    for name, values in run.outputs.items():
        expect(f"stage_out.{name}", single(values))
    own = [run.log_dets[name] - (lacks if name == "dct" else 0) for name in elements]
    expect("logdet.elements", np.stack(own, axis=1))
    expect("logdet.true", log_det)
    expect("logdet.code", log_det - lacks)
    l_x, hard, class_nll, logits, posterior = scores(z, log_det, net.tensors["means"], np.eye(CLASSES)[labels])
    soft = scores(z, log_det, net.tensors["means"], targets_of(labels))[1]
    for name, values in [("lx.true", l_x), ("lx.code", l_x + lacks / net.dims), ("ly.hard", hard), ("ly.soft", soft), ("class_nll.true", class_nll),
                         ("class_nll.code", class_nll + lacks / net.dims), ("logits", logits), ("posterior", posterior), ("entropy", -(posterior * np.log(posterior)).sum(1))]:
        expect(name, values)
    expect("reconstruction", single(x))
    decode_z = single(net.tensors["means"][3:4] + .7 * random.normal(size=(1, net.dims)))
    arrays["decode.z"] = decode_z
    expect("decode.x", single(invert(net, decode_z.astype(float))))

    # Training mode.
    run = Pass(net, net.tensors, True)
    z, log_det = run.run(train_x)
    expect("train.z", single(z))
    l_x, l_y, class_nll, _, _ = scores(z, log_det, net.tensors["means"], targets)
    shift = lacks / net.dims
    expect("train.lx.code", [l_x.mean() + shift])
    expect("train.ly.soft", [l_y.mean()])
    expect("train.class_nll.code", [class_nll.mean() + shift])
    for name, values in run.statistics.items():
        expect(f"train.bn_after.{name}", single(NEWEST * values + (1 - NEWEST) * net.tensors[name]))
    for prefix, kind, scale, names in [("train", "ib", 2 / (1 + GAMMA), net.trained()), ("train_class_nll", "class-nll", 2, ["means", "stage0.block0.offset"])]:
        expect(f"{prefix}.loss", [objective(net, net.tensors, train_x, targets, kind) + scale * shift])
        for name, values in gradients(net, net.tensors, train_x, targets, kind, names).items():
            expect(f"{prefix}.grad.{name}", single(values))
    expect("train.grad.x", single(gradient(lambda x: objective(net, net.tensors, x, targets, "ib"), train_x)))

    # Two steps of SGD (§1.4).
    tensors, velocity = dict(net.tensors), {}
    for step in (1, 2):
        slope = gradients(net, tensors, train_x, targets, "ib", net.trained())
        norm = sum((g ** 2).sum() for g in slope.values()) ** .5
        expect(f"sgd.step{step}.grad_norm", [norm])
        factor = min(1, CLIP / (norm + 1e-6))
        for name, g in slope.items():
            if name == "means":
                tensors[name] = tensors[name] - RATE * MEANS_RATE * factor * g
                continue
            velocity[name] = MOMENTUM * velocity.get(name, 0) + factor * g + DECAY * tensors[name]
            tensors[name] = tensors[name] - RATE * velocity[name]
        for name in ["means", "stage0.block0.subnet.conv1.weight", "down0.strided.conv3.bias", "stage1.block1.scale.log_alpha", "dense.net1.fc1.bias"]:
            expect(f"sgd.step{step}.{name}", single(tensors[name]))
    return arrays, metadata


def write(path, arrays, metadata):
    """A safetensors file."""
    kinds = {np.dtype(np.float32): "F32", np.dtype(np.float64): "F64", np.dtype(np.int32): "I32"}
    header, data = {"__metadata__": metadata}, b""
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        header[name] = {"dtype": kinds[array.dtype], "shape": list(array.shape), "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def main():
    folder = pathlib.Path(__file__).parent
    for name, seed, channels, side, haar_first, width, hidden in [("drawn-grey", 1, 1, 8, True, 4, 3), ("drawn-colour", 2, 3, 4, False, 3, 3)]:
        random = np.random.default_rng(seed)
        net = Net(channels, side, haar_first, width, hidden, random)
        arrays, metadata = vectors(net, random)
        path = folder / f"{name}.safetensors"
        write(path, arrays, metadata)
        print(path.name, path.stat().st_size, "bytes,", sum(v.size for k, v in net.tensors.items()), "numbers")


main()
