"""FastAPI and Keras: MODEL is a checkpoint."""
import os
import time

import keras
from fastapi import FastAPI, File, UploadFile

from pictures import CHANNELS, HEIGHT, WIDTH, read_picture, three_best

app = FastAPI()
model = keras.models.load_model(os.environ["MODEL"], compile=False)
model.predict(keras.ops.zeros((1, HEIGHT, WIDTH, CHANNELS)), verbose=0)


@app.get("/ready")
def ready():
    return {"ready": True}


@app.post("/predict")
async def predict(file: UploadFile = File(...)):
    picture = read_picture(await file.read())
    started = time.perf_counter()
    probabilities = model.predict(picture, verbose=0)[0]
    return {**three_best(probabilities), "inference_time_ms": (time.perf_counter() - started) * 1000}
