/* What squeezebert.h promises beside results: statuses, messages, threads, models that were freed. Prints "all is well". */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "squeezebert.h"

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "line %d: %s (last error: %s)\n", __LINE__, #condition, squeezebert_last_error()); \
            exit(1); \
        } \
    } while (0)

#define CALLERS 4
#define CALLS 50
#define LABELS 3

static squeezebert_model shared;
static float expected[2 * LABELS];

static void *call(void *failures) {
    const char *texts[] = { "Loved it.", "It stopped working after a week." };
    for (int i = 0; i < CALLS; i++) {
        float scores[2 * LABELS];
        squeezebert_status status = squeezebert_classify(shared, texts, 2, scores);
        /* Freed by another thread: refused, with this thread's own message. */
        if (status == SQUEEZEBERT_INVALID_ARGUMENT && failures != NULL)
            return NULL;
        CHECK(status == SQUEEZEBERT_OK);
        CHECK(memcmp(scores, expected, sizeof scores) == 0);
    }
    return NULL;
}

static void *fresh_error(void *unused) {
    (void)unused;
    CHECK(strcmp(squeezebert_last_error(), "") == 0);
    return NULL;
}

static void run(void *(*function)(void *), void *argument, int count) {
    pthread_t threads[CALLERS];
    for (int i = 0; i < count; i++)
        CHECK(pthread_create(&threads[i], NULL, function, argument) == 0);
    for (int i = 0; i < count; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

static void *free_shared(void *unused) {
    (void)unused;
    CHECK(squeezebert_free(shared) == SQUEEZEBERT_OK);
    return NULL;
}

int main(int argc, char **argv) {
    CHECK(argc == 4);
    CHECK(strlen(squeezebert_version()) >= 5);
    CHECK(strcmp(squeezebert_last_error(), "") == 0);

    squeezebert_model model = (squeezebert_model)(intptr_t)77;
    CHECK(squeezebert_load_classifier(NULL, 0, SQUEEZEBERT_AUTO, &model) == SQUEEZEBERT_INVALID_ARGUMENT && model == NULL);
    CHECK(squeezebert_load_classifier(argv[1], 0, SQUEEZEBERT_AUTO, NULL) == SQUEEZEBERT_INVALID_ARGUMENT);
    CHECK(squeezebert_load_classifier(argv[1], 0, 9, &model) == SQUEEZEBERT_INVALID_ARGUMENT);
    CHECK(squeezebert_load_classifier(argv[1], -1, SQUEEZEBERT_AUTO, &model) == SQUEEZEBERT_INVALID_ARGUMENT);
    CHECK(squeezebert_load_classifier("/no/such/model", 0, SQUEEZEBERT_AUTO, &model) == SQUEEZEBERT_INVALID_MODEL);
    CHECK(strstr(squeezebert_last_error(), "/no/such/model") != NULL);
    run(fresh_error, NULL, 1);

    /* The readers of ONNX and PyTorch files are not part of the library. */
    for (int i = 2; i < argc; i++) {
        CHECK(squeezebert_load_classifier(argv[i], 0, SQUEEZEBERT_AUTO, &model) == SQUEEZEBERT_INVALID_MODEL);
        CHECK(strstr(squeezebert_last_error(), argv[i]) != NULL && strstr(squeezebert_last_error(), "squeezebert convert") != NULL);
    }

    CHECK(squeezebert_load_classifier(argv[1], 1, SQUEEZEBERT_FLOAT32, &shared) == SQUEEZEBERT_OK);
    CHECK(squeezebert_width(shared) == LABELS);
    CHECK(strcmp(squeezebert_label(shared, 0), "negative") == 0 && strcmp(squeezebert_label(shared, 1), "neutral") == 0);
    CHECK(squeezebert_label(shared, LABELS) == NULL && squeezebert_label(shared, -1) == NULL);

    const char *texts[] = { "Loved it.", "It stopped working after a week." };
    const char *broken[] = { "fine", "not \xFF UTF-8" };
    CHECK(squeezebert_classify(shared, texts, 2, expected) == SQUEEZEBERT_OK);
    float alone[LABELS];
    CHECK(squeezebert_classify(shared, texts + 1, 1, alone) == SQUEEZEBERT_OK && memcmp(alone, expected + LABELS, sizeof alone) == 0);
    CHECK(squeezebert_classify(shared, NULL, 0, NULL) == SQUEEZEBERT_OK);
    CHECK(squeezebert_classify(shared, texts, 2, NULL) == SQUEEZEBERT_INVALID_ARGUMENT);
    CHECK(squeezebert_classify(shared, NULL, 2, expected) == SQUEEZEBERT_INVALID_ARGUMENT);
    CHECK(squeezebert_classify(shared, texts, -2, expected) == SQUEEZEBERT_INVALID_ARGUMENT);
    CHECK(squeezebert_classify(shared, broken, 2, expected) == SQUEEZEBERT_INVALID_ARGUMENT);
    CHECK(strstr(squeezebert_last_error(), "text 1 is not UTF-8") != NULL);
    CHECK(squeezebert_embed(shared, texts, 1, expected) == SQUEEZEBERT_INVALID_ARGUMENT);

    squeezebert_model embedder, quick;
    CHECK(squeezebert_load_embedder(argv[1], 1, SQUEEZEBERT_AUTO, &embedder) == SQUEEZEBERT_OK);
    int32_t width = squeezebert_width(embedder);
    float *vectors = calloc((size_t)width * 4, sizeof *vectors);
    CHECK(width > 100 && vectors != NULL && squeezebert_label(embedder, 0) == NULL);
    CHECK(squeezebert_embed(embedder, texts, 2, vectors) == SQUEEZEBERT_OK);
    CHECK(squeezebert_embed(embedder, texts, 1, vectors + 2 * width) == SQUEEZEBERT_OK);
    CHECK(memcmp(vectors, vectors + 2 * width, (size_t)width * sizeof *vectors) == 0);
    CHECK(squeezebert_classify(embedder, texts, 1, vectors) == SQUEEZEBERT_INVALID_ARGUMENT);
    CHECK(squeezebert_free(embedder) == SQUEEZEBERT_OK && squeezebert_free(embedder) == SQUEEZEBERT_INVALID_ARGUMENT);
    CHECK(squeezebert_width(embedder) == 0 && squeezebert_embed(embedder, texts, 1, vectors) == SQUEEZEBERT_INVALID_ARGUMENT);

    CHECK(squeezebert_load_classifier(argv[1], 1, SQUEEZEBERT_INT8, &quick) == SQUEEZEBERT_OK);
    CHECK(squeezebert_classify(quick, texts, 1, alone) == SQUEEZEBERT_OK && memcmp(alone, expected, sizeof alone) != 0);
    CHECK(squeezebert_free(quick) == SQUEEZEBERT_OK && squeezebert_free(NULL) == SQUEEZEBERT_OK);

    run(call, NULL, CALLERS);
    pthread_t owner;
    CHECK(pthread_create(&owner, NULL, free_shared, NULL) == 0);
    run(call, &owner, CALLERS);
    CHECK(pthread_join(owner, NULL) == 0);
    CHECK(squeezebert_classify(shared, texts, 2, vectors) == SQUEEZEBERT_INVALID_ARGUMENT);
    free(vectors);
    puts("all is well");
    return 0;
}
