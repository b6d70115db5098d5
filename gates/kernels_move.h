/* kernels_move.h - copying rows by plans of segments. Part of kernels_template.h. */

#if defined(__has_feature)
#define DLCA_CLANG_THREAD_SANITIZER __has_feature(thread_sanitizer)
#else
#define DLCA_CLANG_THREAD_SANITIZER 0
#endif

ALWAYS_INLINE void copy_sixteen(float *to, const float *from) {
    Vec lanes[PARTS]; /* loaded before any is stored, as one vector of sixteen would be */
    for (int p = 0; p < PARTS; p++) {
        lanes[p] = vec_load(from + p * VEC_LANES);
    }
    for (int p = 0; p < PARTS; p++) {
        vec_store(to + p * VEC_LANES, lanes[p]);
    }
}

/* A segment's lanes. What is copied behind them is another's, who may be writing it; nobody uses it. The thread
 * sanitizer, which cannot know, sees the lanes alone. */
ALWAYS_INLINE void copy_segment(const DlcaSegment *segments, int32_t count, int32_t s, float *to, const float *from) {
#if defined(__SANITIZE_THREAD__) || DLCA_CLANG_THREAD_SANITIZER
    const int32_t end = s + 1 < count ? segments[s + 1].lane : DLCA_TILE, left = end - segments[s].lane;
    memcpy(to + segments[s].lane, from, sizeof(float) * (size_t)(left < DLCA_LANES ? left : DLCA_LANES));
#else
    (void)count;
    copy_sixteen(to + segments[s].lane, from);
#endif
}

static void patch_gather(const DlcaSegment *segments, int32_t count, const float *from, size_t source_pitch,
                         int32_t rows, float *to) {
    for (int32_t r = 0; r < rows; r++, from += source_pitch, to += DLCA_TILE) {
        for (int32_t s = 0; s < count; s++) {
            copy_segment(segments, count, s, to, from + segments[s].source);
        }
    }
}

/* All nine rows are gathered before they are added up: a vector that was just stored in pieces is slow to load. */
static void patch_gradient_add(const DlcaSegment *segments, const int32_t first[10], const float *from, float *to) {
    static const float zeros[DLCA_LANES];
    float rows[9][DLCA_TILE + DLCA_LANES];
    for (int32_t n = 0; n < 9; n++) {
        for (int32_t s = first[n]; s < first[n + 1]; s++) {
            copy_segment(segments, first[n + 1], s, rows[n],
                         segments[s].source < 0 ? zeros : from + segments[s].source);
        }
    }
    for (int32_t at = 0; at < DLCA_TILE; at += VEC_LANES) {
        Vec sum = vec_load(to + at);
        for (int32_t n = 0; n < 9; n++) {
            sum = vec_add(sum, vec_load(rows[n] + at));
        }
        vec_store(to + at, sum);
    }
}
