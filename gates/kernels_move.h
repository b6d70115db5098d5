/* kernels_move.h - copying rows by plans of spans. Part of kernels_template.h. */

enum { GATHERED_ROWS = 4 }; /* a chunk of channels (src/tile.h) */

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

/* A constant number of rows, so that a span's mask serves all of them and their values stay in registers. Sixteen lanes
 * at a time: where cells with equal histories are columns, rows have many spans, most of them short. */
ALWAYS_INLINE void gather_rows(const DlcaSpan *spans, int32_t count, const float *from, size_t source_pitch, float *to,
                               const int rows) {
    for (int group = 0; group < TILE_GROUPS; group++) {
        Vec row[GATHERED_ROWS][PARTS];
        for (int r = 0; r < rows; r++) {
            for (int p = 0; p < PARTS; p++) {
                row[r][p] = vec_set(0.0f);
            }
        }
        for (int32_t i = 0; i < count; i++) {
            const uint32_t lanes = spans[i].lanes >> (DLCA_LANES * group) & 0xFFFFu;
            if (lanes == 0) {
                continue;
            }
            for (int p = 0; p < PARTS; p++) {
                const VecMask mask = vec_mask(lanes, p);
                const float *place = from + spans[i].base + group * DLCA_LANES + p * VEC_LANES;
                for (int r = 0; r < rows; r++) {
                    row[r][p] = vec_or(row[r][p], vec_load_lanes(mask, place + (size_t)r * source_pitch));
                }
            }
        }
        for (int r = 0; r < rows; r++) {
            for (int p = 0; p < PARTS; p++) {
                vec_store(to + r * DLCA_TILE + group * DLCA_LANES + p * VEC_LANES, row[r][p]);
            }
        }
    }
}

/* All rows of one span. */
static void gather_span(DlcaSpan span, const float *from, size_t source_pitch, int32_t rows, float *to) {
    const RowMask mask = mask_of(span);
    for (int32_t r = 0; r < rows; r++, from += source_pitch, to += DLCA_TILE) {
        for (int v = 0; v < TILE_VECS; v++) {
            vec_store(to + v * VEC_LANES, vec_load_lanes(mask.vec[v], from + span.base + v * VEC_LANES));
        }
    }
}

/* Where grids do not wrap and every cell is a column, all rows are one span (cycles for nine rows of 32 cells of a
 * 20x20 grid, AVX-512 and AVX2: 66 and 70, with the loop over spans 112 and 101, copied in overlapping pieces of
 * sixteen lanes 132 and 129). */
static void patch_gather(const DlcaSpan *spans, int32_t count, const float *from, size_t source_pitch, int32_t rows,
                         float *to) {
    if (count == 1) {
        gather_span(spans[0], from, source_pitch, rows, to);
        return;
    }
    int32_t r = 0;
    for (; r + GATHERED_ROWS <= rows; r += GATHERED_ROWS) {
        gather_rows(spans, count, from + (size_t)r * source_pitch, source_pitch, to + r * DLCA_TILE, GATHERED_ROWS);
    }
    for (; r < rows; r++) {
        gather_rows(spans, count, from + (size_t)r * source_pitch, source_pitch, to + r * DLCA_TILE, 1);
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

/* Columns that lie anywhere: those that fire (cycles for a row of 32: AVX-512 38, AVX2 35, a load and a store each 63).
 */
static void lane_gather(const int32_t lanes[DLCA_TILE], const float *from, size_t source_pitch, int32_t rows,
                        float *to) {
    for (int32_t r = 0; r < rows; r++, from += source_pitch, to += DLCA_TILE) {
        for (int lane = 0; lane < DLCA_TILE; lane += VEC_LANES) {
            vec_store(to + lane, vec_gather(from, lanes + lane));
        }
    }
}

static void lane_gradient_add(const int32_t (*lanes)[DLCA_TILE], const float *from, float *to) {
    for (int lane = 0; lane < DLCA_TILE; lane += VEC_LANES) {
        Vec sum = vec_load(to + lane);
        for (int n = 0; n < 9; n++) {
            sum = vec_add(sum, vec_gather(from, lanes[n] + lane));
        }
        vec_store(to + lane, sum);
    }
}
