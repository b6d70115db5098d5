/* kernel_rows.h - a value for each cell of a strip: loads, stores, a gate both ways. Part of rollout_kernels.h. */

/* A value for each cell of the strip. */
typedef struct Row {
    float lane[LANES];
} Row;

#define EACH_LANE(i) for (int i = 0; i < LANES; i++)

/* The same and four coefficients as they lie in memory, so that CUDA moves them at once. */
#if defined(__CUDACC__)
typedef struct __align__(LANES >= 4 ? 16 : 8) Packed {
    float lane[LANES];
}
Packed;
typedef struct __align__(16) Four {
    float c[4];
}
Four;
#else
typedef Row Packed;
typedef struct Four {
    float c[4];
} Four;
#endif

DLCA_INLINE Row row_load(const float *from) {
    Row row;
    const Packed packed = *(const Packed *)from;
    EACH_LANE(i) {
        row.lane[i] = packed.lane[i];
    }
    return row;
}

DLCA_INLINE void row_store(float *to, Row row) {
    Packed packed;
    EACH_LANE(i) {
        packed.lane[i] = row.lane[i];
    }
    *(Packed *)to = packed;
}

DLCA_INLINE Row row_of_zeros(void) {
    Row row;
    EACH_LANE(i) {
        row.lane[i] = 0.0f;
    }
    return row;
}

DLCA_INLINE GateCoefficients coefficients_at(const float *coefficients, int32_t slot) {
    const Four four = *(const Four *)(coefficients + 4 * (size_t)slot);
    GateCoefficients c;
    c.c0 = four.c[0];
    c.c1 = four.c[1];
    c.c2 = four.c[2];
    c.c3 = four.c[3];
    return c;
}

DLCA_INLINE Row row_gate(GateCoefficients c, Row a, Row b) {
    Row out;
    EACH_LANE(i) {
        out.lane[i] = gate_forward(c, a.lane[i], b.lane[i]);
    }
    return out;
}

/* linear g + product g x, added to `before` when it `adds`. */
DLCA_INLINE Row row_input_gradient(float linear, float product, Row g, Row x, Row before, bool adds) {
    Row out;
    EACH_LANE(i) {
        const float gx = vec_mul(g.lane[i], x.lane[i]);
        out.lane[i] = adds ? gate_input_gradient(linear, product, g.lane[i], gx, before.lane[i])
                           : gate_first_input_gradient(linear, product, g.lane[i], gx);
    }
    return out;
}
