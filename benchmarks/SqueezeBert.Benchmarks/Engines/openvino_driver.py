"""Runs a model with OpenVINO, a repetition for each line of standard input, so that another process can time it in turns with others.

Arguments: FOLDER_OF_PACKAGES MODEL_FILE THREADS f32|default
Lines:     clear                forgets all batches; answers ok
           shape BATCH LENGTH   adds a batch and compiles for its shape; answers the precision that OpenVINO computes in
           ids ID,ID,...        the batch's BATCH x LENGTH token ids, token types 0; answers ok
           lengths N,N,...      the tokens of each text, behind which the batch is padded; without it nothing is; answers ok
           run                  one inference of each batch; answers the seconds
           result NAME          an output of the last batch as base64 of float32
An error is answered by a line that starts with "error".
"""
import base64
import os
import sys
import time

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print must not come between the answers
packages, model_file, threads, precision = sys.argv[1:5]
sys.path.insert(0, packages)


def answer(text):
    answers.write(f"{text}\n")
    answers.flush()


def main():
    import numpy as np
    import openvino as ov

    core = ov.Core()
    model = core.read_model(model_file)
    settings = {"INFERENCE_NUM_THREADS": int(threads), "PERFORMANCE_HINT": "LATENCY"}
    if precision != "default":
        settings["INFERENCE_PRECISION_HINT"] = precision
    batches = []
    answer("ready")
    for line in sys.stdin:
        command, *rest = line.split()
        if command == "clear":
            batches.clear()
            answer("ok")
        elif command == "shape":
            shape = [int(size) for size in rest]
            sized = model.clone()
            sized.reshape({value.get_any_name(): shape for value in sized.inputs})
            compiled = core.compile_model(sized, "CPU", settings)
            names = [value.get_any_name() for value in sized.inputs]
            batches.append((compiled.create_infer_request(), {}))
            answer(str(compiled.get_property("INFERENCE_PRECISION_HINT").to_string()))
        elif command == "ids":
            ids = np.array([int(value) for value in rest[0].split(",")], np.int64).reshape(shape)
            inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
            batches[-1][1].update({name: inputs[name] for name in names})
            answer("ok")
        elif command == "lengths":
            for row, length in zip(batches[-1][1]["attention_mask"], rest[0].split(","), strict=True):
                row[int(length):] = 0
            answer("ok")
        elif command == "run":
            start = time.perf_counter()
            for request, feed in batches:
                request.infer(feed)
            answer(repr(time.perf_counter() - start))
        elif command == "result":
            values = np.ascontiguousarray(batches[-1][0].get_tensor(rest[0]).data, dtype=np.float32)
            answer(base64.b64encode(values.tobytes()).decode())
        else:
            raise ValueError(f"unknown command {command}")


try:
    main()
except Exception as e:
    answer("error " + " ".join(f"{type(e).__name__}: {e}".split()))
