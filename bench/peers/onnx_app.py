"""FastAPI and ONNX Runtime: MODEL is a file of to_onnx.py, ORT_THREADS the threads of one process."""
import os
import time

import onnxruntime
from fastapi import FastAPI, File, UploadFile

from pictures import CHANNELS, HEIGHT, WIDTH, read_picture, three_best

app = FastAPI()
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(os.environ.get("ORT_THREADS", "1"))
session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])


@app.get("/ready")
def ready():
    return {"ready": True}


# In async code one run at a time blocks the loop; a plain function runs in a thread pool, which costs small models more.
def classify(data: bytes) -> dict:
    picture = read_picture(data)
    started = time.perf_counter()
    (probabilities,) = session.run(["y"], {"x": picture})
    return {**three_best(probabilities[0]), "inference_time_ms": (time.perf_counter() - started) * 1000}


if os.environ.get("IN_THREADS") == "1":

    @app.post("/predict")
    def predict(file: UploadFile = File(...)):
        return classify(file.file.read())

else:

    @app.post("/predict")
    async def predict(file: UploadFile = File(...)):
        return classify(await file.read())
