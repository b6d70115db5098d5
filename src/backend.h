/* backend.h - what a device must do to train: hold the parameters, run the soft rollout both ways, update.
 *
 * One table of functions per kind of device (CPU here, CUDA in gpu/). The caller owns the model; a backend keeps its
 * own copy of the parameters and optimizer state, and gives them back when asked. Leaves alone: tasks, judging,
 * restarts, files. */
#ifndef DLCA_BACKEND_H
#define DLCA_BACKEND_H

#include "../gates/kernels.h"
#include "dlca.h"
#include "memory_plan.h"

/* Looks into a long pass from outside: called by the thread that asked for the pass, after each group of tiles that it
 * works on (with one thread eight or more times a step) and at the end, with the part of the pass that is done, 0 to 1.
 * False: the pass is given up, and returns false. */
typedef struct DlcaWatch {
    bool (*go_on)(void *context, double done);
    void *context;
} DlcaWatch;

/* What a device draws by itself, with the bytes that the processor would have drawn (draws.h), so that nothing has to
 * be brought to it: the batch has no such buffer then. All 0: nothing. For backends that are devices. */
typedef struct DlcaBatchDraws {
    bool starts;          /* input: every bit from (seed, DLCA_RANDOM_START, epoch) */
    bool next_generation; /* target: life's next generation of each start, on a grid that wraps; with starts */
    double fire_rate;     /* fire: from (seed, DLCA_RANDOM_FIRE, epoch, step); 0: not drawn */
    uint64_t seed;
} DlcaBatchDraws;

/* One batch. Buffers stay the caller's and are only read. */
typedef struct DlcaBatch {
    DlcaBatchDraws draws;
    const float *input;  /* [B][H][W][C] states at step 0, in [0,1] */
    const float *target; /* [H][W][S]; with target_per_grid [B][H][W][S] */
    bool target_per_grid;
    int32_t steps;            /* T of this pass, at most the backend's; 0: as many */
    const uint8_t *fire;      /* [T][H][W] 1: the cell takes its new state, whole batch alike; NULL: all fire */
    const float *step_weight; /* [T] weight of the loss after step t+1; NULL: 1 after the last step, 0 before */
    bool fixed_input;         /* the input is the same at every call: cells with equal histories are computed once */
    float harden_probability; /* q: each gate uses its argmax operation in this pass while its gradient still goes
                                 through the softmax; drawn once per gate from (seed, DLCA_RANDOM_HARDEN, epoch) */
    uint32_t epoch;           /* for all that is drawn */
    const DlcaWatch *watch;   /* of the processor's passes; NULL: none */
} DlcaBatch;

/* What an epoch leaves to be known. */
typedef struct DlcaPass {
    double loss;
    int64_t cells; /* that took a new state, over all steps and grids */
} DlcaPass;
enum { DLCA_MOST_PASSES_KEPT = 64 };

/* AdamW (Loshchilov and Hutter, 2019), as optax.adamw computes it, after elementwise clipping of the gradient:
 * g = clip(g, -clip, clip); m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2;
 * x -= rate ( m/(1-b1^t) / (sqrt(v/(1-b2^t)) + epsilon) + decay x ). */
typedef struct DlcaAdamW {
    float rate, b1, b2, epsilon, decay, clip;
    bool fixed_perception; /* the gates of perception stay as they are */
} DlcaAdamW;

typedef struct DlcaBackendOptions {
    int32_t threads; /* >= 1 */
    DlcaIsa isa;     /* CPU only */
    int32_t steps;   /* the most that a pass has; 0: the model's */
    /* K: states are kept every K steps, 1..T, and those between computed again in backward. 0: all are kept when they
     * fit DLCA_STATE_BUDGET, otherwise K is near the square root of T. */
    int32_t checkpoint_every;
    /* With fixed_input: cells with equal histories are computed each nevertheless, with the same bytes; shows what the
     * sharing brings. */
    bool computes_repeats;
    /* Gates that no scored channel comes from are computed at the last step nevertheless, with the same bytes. */
    bool computes_dead;
} DlcaBackendOptions;

/* Bytes of states up to which all of them are kept. */
#define DLCA_STATE_BUDGET ((size_t)256 << 20)

typedef struct DlcaBackend DlcaBackend;

typedef struct DlcaBackendTable {
    const char *name;
    bool device;         /* not the processor: draws batches by itself, and every wait for it costs time */
    int32_t passes_kept; /* epochs that may be trained before passes() is called */
    /* What create would allocate, without doing so; both refuse what the machine does not have. */
    bool (*plan)(const DlcaModel *model, const DlcaBackendOptions *options, DlcaMemoryPlan *plan, DlcaError *error);
    DlcaBackend *(*create)(const DlcaModel *model, const DlcaBackendOptions *options, DlcaError *error);
    void (*destroy)(DlcaBackend *backend);
    /* parameters [gates][16]; moments may be NULL (zeros on load; not wanted on store); updates: AdamW steps so far */
    bool (*load)(DlcaBackend *backend, const float *logits, const float *m, const float *v, int64_t updates,
                 DlcaError *error);
    bool (*store)(DlcaBackend *backend, float *logits, float *m, float *v, int64_t *updates, DlcaError *error);
    /* New wires (a restart); shapes stay. */
    bool (*rewire)(DlcaBackend *backend, const DlcaModel *model, DlcaError *error);
    /* Forward only: final states to `output` [B][H][W][C] (may be NULL), loss to *loss (may be NULL). */
    bool (*forward)(DlcaBackend *backend, const DlcaBatch *batch, float *output, double *loss, DlcaError *error);
    /* Forward and backward: the gradient of the loss stays inside, for update() or gradient(). loss may be NULL: a
     * device is then not waited for. */
    bool (*backward)(DlcaBackend *backend, const DlcaBatch *batch, double *loss, DlcaError *error);
    bool (*loss)(DlcaBackend *backend, double *loss, DlcaError *error); /* of the last pass */
    /* [gates][16], of the parameters, before clipping */
    bool (*gradient)(DlcaBackend *backend, float *gradient, DlcaError *error);
    bool (*update)(DlcaBackend *backend, const DlcaAdamW *optimizer, DlcaError *error);
    /* An epoch of several models of one shape: backward and update of each. A device computes them side by side, and is
     * not waited for. */
    bool (*train)(DlcaBackend *const *backends, const DlcaBatch *batches, const DlcaAdamW *optimizers, int32_t count,
                  DlcaError *error);
    /* Of the last `count` epochs trained, at most passes_kept, the oldest first; waits for them. */
    bool (*passes)(DlcaBackend *backend, DlcaPass *passes, int32_t count, DlcaError *error);
    size_t (*memory_bytes)(const DlcaBackend *backend);
} DlcaBackendTable;

extern const DlcaBackendTable dlca_backend_cpu;
extern const DlcaBackendTable dlca_backend_cuda;     /* in gpu/; create fails where there is no device */
extern const DlcaBackendTable dlca_backend_emulated; /* its kernels' source on the processor: slow, for tests */

/* A CUDA device. */
typedef struct DlcaCudaDevice {
    char name[256];
    int32_t major, minor, processors; /* compute capability; streaming multiprocessors */
    size_t bytes, free_bytes;
    int32_t driver, runtime; /* versions, 1000 major + 10 minor */
    bool usable;             /* new enough */
} DlcaCudaDevice;

/* Whether this program has the kernels. */
bool dlca_cuda_built(void);
/* Whether there is an NVIDIA driver, of whatever version: without one nobody expects a device to be used. */
bool dlca_cuda_driver(void);
/* The number of devices, of which the first `most` are described; 0 with the reason: not built in, no driver, none. */
int32_t dlca_cuda_devices(DlcaCudaDevice *device, int32_t most, DlcaError *error);
/* Fused multiply-adds a second that the first device makes when nothing else holds it up. */
bool dlca_cuda_fma_peak(double *per_second, DlcaError *error);

/* What dlca_backend_cpu.create would allocate, whether the machine has it or not. */
bool dlca_backend_cpu_plan(const DlcaModel *model, const DlcaBackendOptions *options, DlcaMemoryPlan *plan,
                           DlcaError *error);

/* Columns (a cell, or one for several with equal histories) that one rollout of this batch computes, over all steps. */
bool dlca_backend_cpu_columns(DlcaBackend *backend, const DlcaBatch *batch, int64_t *columns, DlcaError *error);

/* Gate evaluations of these columns, without those that the last step leaves out where only the loss is asked for. */
bool dlca_backend_cpu_gates(DlcaBackend *backend, const DlcaBatch *batch, int64_t *gates, DlcaError *error);

/* Seconds that its threads together have spent in passes so far without waiting for each other: as many times the time
 * of a pass as there are threads if nobody ever waits. */
double dlca_backend_cpu_worked(const DlcaBackend *backend);
int32_t dlca_backend_cpu_threads(const DlcaBackend *backend); /* at most those asked for: small work has one */

/* Whether this machine has so much; the error names both figures. */
bool dlca_memory_fits(const DlcaMemoryPlan *plan, DlcaError *error);

/* The kernels of an instruction set; NULL when it was not built. */
const DlcaKernels *dlca_kernels_for(DlcaIsa isa);

/* "auto" (of the processor's), "scalar", "avx2", "avx512", "neon", "cuda", "emulated": the table and the instruction
 * set. An error names what this machine has, or says why it has no CUDA device. */
const DlcaBackendTable *dlca_backend_find(const char *name, DlcaIsa *isa, DlcaError *error);

/* What "auto" is for a model: "cuda" where there is a device and the work is large enough to gain, otherwise "auto".
 * The note [size] is one line that says why a device that would have been taken was not, or empty: it is empty where
 * there is no NVIDIA driver, since nothing is amiss then. */
const char *dlca_backend_auto(const DlcaModel *model, int32_t threads, char *note, size_t size);

/* Whether a name, or what "auto" became, is a device's. */
bool dlca_backend_is_device(const char *name);

/* How a backend is called in results: an instruction set, or "cuda". */
const char *dlca_backend_label(const DlcaBackendTable *table, DlcaIsa isa);

#endif
