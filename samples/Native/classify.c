/*
 * Classifies texts from C:
 *
 *     dotnet publish src/SqueezeBert.Native -c Release -r linux-x64 -o artifacts/native
 *     clang -Wall -Iartifacts/native -o artifacts/native/classify samples/Native/classify.c artifacts/native/libsqueezebert.so \
 *         -Wl,-rpath,'$ORIGIN' -pthread
 *     artifacts/native/classify models/sentiment "Loved it." "The parcel was delivered on Tuesday."
 *
 * Each text is classified by a thread of its own, all with one model. Scores are printed with all of their digits.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "squeezebert.h"

typedef struct {
    squeezebert_model model;
    const char *text;
    float *scores;
    int failed;
} job;

static int complain(const char *what) {
    fprintf(stderr, "%s: %s\n", what, squeezebert_last_error());
    return 1;
}

static void *classify(void *argument) {
    job *j = argument;
    /* The message is this thread's, so it is asked for here. */
    if (squeezebert_classify(j->model, &j->text, 1, j->scores) != SQUEEZEBERT_OK)
        j->failed = complain(j->text);
    return NULL;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: classify MODEL TEXT...\n");
        return 2;
    }

    squeezebert_model model;
    if (squeezebert_load_classifier(argv[1], 0, SQUEEZEBERT_AUTO, &model) != SQUEEZEBERT_OK)
        return complain(argv[1]);

    int count = argc - 2, failed = 0;
    int32_t labels = squeezebert_width(model);
    job *jobs = calloc((size_t)count, sizeof *jobs);
    pthread_t *threads = calloc((size_t)count, sizeof *threads);
    float *scores = calloc((size_t)count * (size_t)labels, sizeof *scores);
    if (jobs == NULL || threads == NULL || scores == NULL)
        return 1;

    for (int i = 0; i < count; i++) {
        jobs[i] = (job){ model, argv[i + 2], scores + i * labels, 0 };
        if (pthread_create(&threads[i], NULL, classify, &jobs[i]) != 0)
            return 1;
    }

    for (int i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        failed |= jobs[i].failed;
        for (int32_t label = 0; label < labels && !jobs[i].failed; label++)
            printf("%s %.9g%s", squeezebert_label(model, label), (double)jobs[i].scores[label], label + 1 < labels ? "  " : "\n");
    }

    if (squeezebert_free(model) != SQUEEZEBERT_OK)
        failed = complain("free");
    free(scores);
    free(threads);
    free(jobs);
    return failed;
}
