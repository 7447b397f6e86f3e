"""Classifies and embeds texts from Python, with nothing but ctypes:

    dotnet publish src/SqueezeBert.Native -c Release -r linux-x64 -o artifacts/native
    python3 samples/Native/embed.py artifacts/native/libsqueezebert.so models/sentiment "Loved it." "The parcel was delivered."

The model in the repository is a classifier. A classifier's body makes vectors too, which are not as good as those of an encoder of
sentences: give the folder of one for real use.
"""
import ctypes
import sys

OK, AUTO = 0, 0


class SqueezeBert:
    """One model of the shared library. May be used by several threads at a time: ctypes lets go of the interpreter while a call runs."""

    def __init__(self, library, kind, path, threads=0, precision=AUTO):
        self._library = library
        self._model = ctypes.c_void_p()
        load = getattr(library, f"squeezebert_load_{kind}")
        load.argtypes = [ctypes.c_char_p, ctypes.c_int32, ctypes.c_int32, ctypes.POINTER(ctypes.c_void_p)]
        for name in ("squeezebert_classify", "squeezebert_embed"):
            getattr(library, name).argtypes = [
                ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int32, ctypes.POINTER(ctypes.c_float)]
        library.squeezebert_last_error.restype = ctypes.c_char_p
        library.squeezebert_width.argtypes = [ctypes.c_void_p]
        library.squeezebert_label.argtypes = [ctypes.c_void_p, ctypes.c_int32]
        library.squeezebert_label.restype = ctypes.c_char_p
        library.squeezebert_free.argtypes = [ctypes.c_void_p]
        self._check(load(path.encode(), threads, precision, ctypes.byref(self._model)))
        self.width = library.squeezebert_width(self._model)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._check(self._library.squeezebert_free(self._model))

    def labels(self):
        return [self._library.squeezebert_label(self._model, index).decode() for index in range(self.width)]

    def classify(self, texts):
        return self._run(self._library.squeezebert_classify, texts)

    def embed(self, texts):
        return self._run(self._library.squeezebert_embed, texts)

    def _run(self, function, texts):
        inputs = (ctypes.c_char_p * len(texts))(*[text.encode() for text in texts])
        results = (ctypes.c_float * (len(texts) * self.width))()
        self._check(function(self._model, inputs, len(texts), results))
        return [results[start:start + self.width] for start in range(0, len(results), self.width)]

    def _check(self, status):
        if status != OK:
            raise RuntimeError(self._library.squeezebert_last_error().decode())


def main():
    if len(sys.argv) < 4:
        sys.exit("usage: embed.py LIBRARY MODEL TEXT...")
    library = ctypes.CDLL(sys.argv[1])
    texts = sys.argv[3:]
    with SqueezeBert(library, "classifier", sys.argv[2]) as model:
        names = model.labels()
        for scores in model.classify(texts):
            print("  ".join(f"{name} {score:.9g}" for name, score in zip(names, scores)))
    with SqueezeBert(library, "embedder", sys.argv[2]) as model:
        for vector in model.embed(texts):
            print(f"vector of {model.width}: " + " ".join(f"{number:.9g}" for number in vector[:4]))


if __name__ == "__main__":
    main()
