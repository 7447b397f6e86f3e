/*
 * SqueezeBERT for C: small text encoders on a plain CPU, in one shared library that needs nothing else.
 *
 * A model is loaded once and may then be used by any number of threads at a time, in the very same calls too; threads that call at once
 * share its cores in turns. Results have the same bits whatever else is computed, and the bits of the library for .NET.
 *
 * Text is UTF-8 that ends with a zero byte. A text longer than the model reads is cut, as the model's folder says. What the library
 * returns belongs to it; what the caller passes belongs to the caller and is not kept.
 *
 * Every function that can fail returns a squeezebert_status, and squeezebert_last_error() then says in English what went wrong and what
 * helps. Nothing is printed, and nothing is fetched from a network.
 *
 * The library must not be unloaded (dlclose, FreeLibrary), and a process must not use it in a child that it forked after a first call.
 */
#ifndef SQUEEZEBERT_H
#define SQUEEZEBERT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A loaded model. The value is a number and no address: a model that was freed is refused, not read. */
typedef struct squeezebert_model_tag *squeezebert_model;

typedef int32_t squeezebert_status;
enum {
    SQUEEZEBERT_OK = 0,
    /* A null pointer, a text that is no UTF-8, a number out of range, a model of the other kind or one that was freed. */
    SQUEEZEBERT_INVALID_ARGUMENT = 1,
    /* The model's files are missing, damaged, or of a kind that the library does not know. */
    SQUEEZEBERT_INVALID_MODEL = 2,
    /* Anything else, as too little memory. */
    SQUEEZEBERT_FAILED = 3
};

typedef int32_t squeezebert_precision;
enum {
    SQUEEZEBERT_AUTO = 0,    /* what the model's files are made for */
    SQUEEZEBERT_FLOAT32 = 1,
    SQUEEZEBERT_INT8 = 2     /* a quarter of the memory, less time, slightly different results */
};

/* The version as "0.2.0". */
const char *squeezebert_version(void);

/*
 * What the last failed call of this thread says, or "" where none has failed. Valid until the thread's next call that fails, or its end.
 */
const char *squeezebert_last_error(void);

/*
 * Loads a classifier: path is a folder in the layout of Hugging Face's transformers (config.json, model.safetensors, tokenizer.json), or a
 * file of weights in one. threads: how many a call uses, 0 for as many as there are cores. *model is written on success. ONNX and PyTorch
 * files are converted first (squeezebert convert FILE FOLDER).
 */
squeezebert_status squeezebert_load_classifier(
    const char *path, int32_t threads, squeezebert_precision precision, squeezebert_model *model);

/* Loads an encoder of sentences, as a folder of sentence-transformers, in the same way. */
squeezebert_status squeezebert_load_embedder(
    const char *path, int32_t threads, squeezebert_precision precision, squeezebert_model *model);

/* The scores of each text: labels of a classifier, or the numbers of a vector. 0: no such model. */
int32_t squeezebert_width(squeezebert_model model);

/* A classifier's label, 0 to squeezebert_width() - 1. Valid until the model is freed. NULL: no such label. */
const char *squeezebert_label(squeezebert_model model, int32_t index);

/*
 * Classifies texts: scores takes count * squeezebert_width() numbers, a text's labels side by side in the order of squeezebert_label().
 * Several texts in one call are faster than one by one.
 */
squeezebert_status squeezebert_classify(
    squeezebert_model model, const char *const *texts, int32_t count, float *scores);

/* Makes the vectors of texts: vectors takes count * squeezebert_width() numbers. */
squeezebert_status squeezebert_embed(
    squeezebert_model model, const char *const *texts, int32_t count, float *vectors);

/* Frees a model, when the calls that use it in other threads have ended. NULL is allowed. */
squeezebert_status squeezebert_free(squeezebert_model model);

#ifdef __cplusplus
}
#endif

#endif
