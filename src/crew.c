/* crew.c - see crew.h. The first to ask while nothing is under way leads: it waits for the others for a moment, then
 * trains all who are waiting; whoever comes while it does waits for the next turn. */
#include "crew.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* Models at a time, and how long the leader waits for members that are not there, since they may be busy for seconds:
 * a small part of what an epoch of many models takes. */
enum { MOST_TOGETHER = 256, LINGER_NANOSECONDS = 200000 };

typedef struct Request {
    DlcaBackend *backend;
    const DlcaBatch *batch;
    const DlcaAdamW *optimizer;
    DlcaError *error;
    bool over, done; /* over: answered; done: the answer */
    struct Request *next;
} Request;

struct DlcaCrew {
    pthread_mutex_t lock;
    pthread_cond_t changed;  /* somebody came, or a turn is over */
    Request *waiting, **end; /* in the order in which they came; where the next one's address goes */
    int32_t waiting_count, members;
    bool busy; /* somebody leads */
};

DlcaCrew *dlca_crew_create(DlcaError *error) {
    DlcaCrew *crew = calloc(1, sizeof *crew);
    if (!crew) {
        dlca_fail(error, DLCA_FAILED, "no memory for trainings side by side");
        return NULL;
    }
    crew->end = &crew->waiting;
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&crew->changed, &clock);
    pthread_condattr_destroy(&clock);
    pthread_mutex_init(&crew->lock, NULL);
    return crew;
}

void dlca_crew_free(DlcaCrew *crew) {
    if (crew) {
        pthread_cond_destroy(&crew->changed);
        pthread_mutex_destroy(&crew->lock);
        free(crew);
    }
}

void dlca_crew_join(DlcaCrew *crew) {
    pthread_mutex_lock(&crew->lock);
    crew->members++;
    pthread_mutex_unlock(&crew->lock);
}

void dlca_crew_leave(DlcaCrew *crew) {
    pthread_mutex_lock(&crew->lock);
    crew->members--;
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
}

/* Until all members wait, or the moment is over. The lock is held on entry and return. */
static void linger(DlcaCrew *crew) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LINGER_NANOSECONDS;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    int late = 0;
    while (crew->waiting_count < crew->members && late == 0) {
        late = pthread_cond_timedwait(&crew->changed, &crew->lock, &until);
    }
}

/* Trains the requests from `first` on, and waits for the device; one that fails fails all of them. */
static void train_together(const DlcaBackendTable *table, Request *first) {
    DlcaBackend *backends[MOST_TOGETHER];
    DlcaBatch batches[MOST_TOGETHER];
    DlcaAdamW optimizers[MOST_TOGETHER];
    DlcaError error = {0};
    DlcaPass last;
    int32_t count = 0;
    Request *request = first;
    do {
        backends[count] = request->backend;
        batches[count] = *request->batch;
        optimizers[count++] = *request->optimizer;
        request = request->next;
    } while (request);
    const bool done = table->train(backends, batches, optimizers, count, &error) &&
                      table->passes(backends[count - 1], &last, 1, &error);
    for (request = first; request; request = request->next) {
        request->done = done;
        if (!done) {
            *request->error = error;
        }
    }
}

/* The lock is held on entry and return, and given away in between. */
static void lead(DlcaCrew *crew, const DlcaBackendTable *table) {
    crew->busy = true;
    linger(crew);
    int32_t count = 0;
    Request *first = crew->waiting, *last = NULL;
    for (Request *request = first; request && count < MOST_TOGETHER; request = request->next) {
        last = request;
        count++;
    }
    crew->waiting = last->next;
    crew->end = crew->waiting ? crew->end : &crew->waiting;
    crew->waiting_count -= count;
    last->next = NULL;
    pthread_mutex_unlock(&crew->lock);
    train_together(table, first);
    pthread_mutex_lock(&crew->lock);
    while (first) {
        Request *next = first->next; /* a request that is over may be gone at once when the lock is free */
        first->over = true;
        first = next;
    }
    crew->busy = false;
    pthread_cond_broadcast(&crew->changed);
}

bool dlca_crew_train(DlcaCrew *crew, const DlcaBackendTable *table, DlcaBackend *backend, const DlcaBatch *batch,
                     const DlcaAdamW *optimizer, DlcaError *error) {
    Request request = {.backend = backend, .batch = batch, .optimizer = optimizer, .error = error};
    pthread_mutex_lock(&crew->lock);
    *crew->end = &request;
    crew->end = &request.next;
    crew->waiting_count++;
    pthread_cond_broadcast(&crew->changed);
    while (!request.over) {
        if (crew->busy) {
            pthread_cond_wait(&crew->changed, &crew->lock);
        } else {
            lead(crew, table);
        }
    }
    pthread_mutex_unlock(&crew->lock);
    return request.done;
}
