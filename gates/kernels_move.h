/* kernels_move.h - copying rows by plans of spans. Part of kernels_template.h. */

typedef struct RowMask {
    VecMask vec[TILE_VECS];
} RowMask;

ALWAYS_INLINE RowMask mask_of(DlcaSpan span) {
    RowMask mask;
    for (int v = 0; v < TILE_VECS; v++) {
        mask.vec[v] = vec_mask(span.lanes, v);
    }
    return mask;
}

/* Most spans come alone, and their masks serve all rows. */
static void patch_gather(const DlcaSpan *spans, int32_t count, const float *from, size_t source_pitch, int32_t rows,
                         float *to) {
    const DlcaSpan first = count > 0 ? spans[0] : (DlcaSpan){0, 0};
    const RowMask mask = mask_of(first);
    for (int32_t r = 0; r < rows; r++, from += source_pitch, to += DLCA_TILE) {
        Vec row[TILE_VECS];
        for (int v = 0; v < TILE_VECS; v++) {
            row[v] = vec_load_lanes(mask.vec[v], from + first.base + v * VEC_LANES);
        }
        for (int32_t i = 1; i < count; i++) {
            const RowMask other = mask_of(spans[i]);
            for (int v = 0; v < TILE_VECS; v++) {
                row[v] = vec_or(row[v], vec_load_lanes(other.vec[v], from + spans[i].base + v * VEC_LANES));
            }
        }
        for (int v = 0; v < TILE_VECS; v++) {
            vec_store(to + v * VEC_LANES, row[v]);
        }
    }
}

/* A span at a time: adding the zeros of lanes that it does not have changes nothing, since a sum that begins as +0 is
 * never -0. */
static void patch_gradient_add(const DlcaSpan *spans, const int32_t first[10], const float *from, float *to) {
    Vec sum[TILE_VECS];
    for (int v = 0; v < TILE_VECS; v++) {
        sum[v] = vec_load(to + v * VEC_LANES);
    }
    for (int32_t i = first[0]; i < first[9]; i++) {
        const RowMask mask = mask_of(spans[i]);
        for (int v = 0; v < TILE_VECS; v++) {
            const float *place = from + spans[i].base + v * VEC_LANES;
            sum[v] = vec_add(sum[v], vec_load_lanes(mask.vec[v], place));
        }
    }
    for (int v = 0; v < TILE_VECS; v++) {
        vec_store(to + v * VEC_LANES, sum[v]);
    }
}
