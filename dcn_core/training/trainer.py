# LEAD'S STAND-IN so that worker and app can be integrated meanwhile. Training helper: replace this file wholesale,
# keep `train(config, data, split, specs, on_event=, control=, checkpoint_dir=) -> TrainResult` and these result fields.
# `stopped_by` is "epochs" | "patience" | "user" | "interrupt"; phases "compiling", "training", "paused" are sent as
# {"type": "phase", "phase": ...} events; "step" events also carry "steps" (most optimiser steps that will be taken).
import time
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from dcn_core.model.builder import build_model


@dataclass
class TrainResult:
    model: keras.Model
    scores: dict
    best_epoch: int
    epoch_s: list
    compile_s: float
    stopped_by: str


def train(config, data, split, specs, *, on_event, control, checkpoint_dir=None):
    on_event({"type": "phase", "phase": "compiling"})
    t = config.train
    model = build_model(config.model, specs, float(data.rating[split.train].mean()), t.seed)
    opt = keras.optimizers.get({"class_name": t.optimizer, "config": {"learning_rate": t.learning_rate}})
    opt.build(model.trainable_variables)
    X, y = data.inputs(split.train), data.rating[split.train]
    n, b = len(y), min(t.batch_size, len(y))
    steps = -(-n // b)
    X = {k: tf.constant(v) for k, v in X.items()}
    Y = tf.constant(y)

    @tf.function
    def run(perm, start, stop):
        total = tf.constant(0.0)
        for i in tf.range(start, stop):
            idx = perm[i * b : (i + 1) * b]
            with tf.GradientTape() as tape:
                p = model({k: tf.gather(v, idx) for k, v in X.items()}, training=True)[:, 0]
                se = tf.square(p - tf.gather(Y, idx))
                loss = tf.reduce_mean(se) + tf.add_n(model.losses or [tf.constant(0.0)])
            g = tape.gradient(loss, model.trainable_variables)
            opt.apply_gradients(zip([tf.convert_to_tensor(x) for x in g], model.trainable_variables, strict=True))
            total += tf.reduce_sum(se)
        return total

    def evaluate(rows):
        if not len(rows):
            return None
        p = model.predict(data.inputs(rows), batch_size=8192, verbose=0)[:, 0].astype("f8")
        e = p - data.rating[rows]
        mse = float(np.mean(e**2))
        return {"mse": mse, "rmse": mse**0.5, "mae": float(np.mean(np.abs(e)))}

    rng = np.random.default_rng(t.seed)
    best, best_w, best_epoch, epoch_s, stopped, compile_s = np.inf, None, 0, [], "epochs", 0.0
    state = "training"
    for epoch in range(1, t.epochs + 1):
        perm = rng.permutation(n).astype("int32")
        perm = tf.constant(np.concatenate([perm, perm[:b]]))
        t0, sse, chunk = time.perf_counter(), 0.0, max(1, steps // 25)
        for s in range(0, steps, chunk):
            e = min(steps, s + chunk)
            c0 = time.perf_counter()
            part = float(run(perm, tf.constant(s), tf.constant(e)))
            dt = time.perf_counter() - c0
            if epoch == 1 and s == 0:
                compile_s = dt
                on_event({"type": "phase", "phase": "training"})
            sse += part
            on_event({
                "type": "step", "epoch": epoch, "step": (epoch - 1) * steps + e, "steps": steps * t.epochs,
                "progress": epoch - 1 + e / steps, "train_mse": part / ((e - s) * b),
                "examples_per_second": (e - s) * b / dt, "eta_s": (steps * t.epochs - (epoch - 1) * steps - e) * dt / (e - s),
            })
            c = control()
            while c == "pause" or state == "paused":
                if state != "paused":
                    state = "paused"
                    on_event({"type": "phase", "phase": "paused"})
                time.sleep(0.05)
                c = control()
                if c in ("resume", "stop", "interrupt"):
                    state = "training"
                    on_event({"type": "phase", "phase": "training"})
                    break
            if c in ("stop", "interrupt"):
                stopped = {"stop": "user"}.get(c, c)
                break
        if stopped == "interrupt":
            break
        scores = evaluate(split.validation)
        better = scores["mse"] < best
        if better:
            best, best_w, best_epoch = scores["mse"], model.get_weights(), epoch
        epoch_s.append(time.perf_counter() - t0)
        on_event({"type": "epoch", "epoch": epoch, "train_mse": sse / (steps * b), "validation": scores,
                  "seconds": epoch_s[-1], "best": bool(better)})
        if stopped == "user" or epoch - best_epoch >= t.patience:
            stopped = stopped if stopped == "user" else "patience"
            break
    if best_w:
        model.set_weights(best_w)
    return TrainResult(model, {"validation": evaluate(split.validation), "test": evaluate(split.test)},
                       best_epoch, epoch_s, compile_s, stopped)
