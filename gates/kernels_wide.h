/* kernels_wide.h - perception layers: few gates over many lanes. Part of kernels_template.h.
 *
 * Each kernel is there twice, for lanes that follow each other and for the first halves of tiles: in what is inlined
 * `apart` (DlcaLanes) is a constant. */

ALWAYS_INLINE void forward_pairs(const DlcaPair *pairs, int32_t count, const float *coefficients, const float *in,
                                 size_t in_pitch, float *out, size_t out_pitch, int32_t vectors, const int apart) {
    for (int32_t p = 0; p < count; p++) {
        const GateCoefficients c = coefficients_of(coefficients + 4 * (size_t)p);
        const float *a = in + (size_t)pairs[p].a * in_pitch;
        const float *b = in + (size_t)pairs[p].b * in_pitch;
        float *to = out + (size_t)pairs[p].out * out_pitch;
        for (int32_t v = 0; v < vectors; v++) {
            for (int part = 0; part < PARTS; part++) {
                const int32_t at = v * apart + part * VEC_LANES;
                vec_store(to + at, gate_forward(c, vec_load(a + at), vec_load(b + at)));
            }
        }
    }
}

static void perceive_rows_forward(const DlcaPair *pairs, int32_t count, const float *coefficients, const float *in,
                                  size_t in_pitch, float *out, size_t out_pitch, DlcaLanes lanes) {
    if (lanes.apart == DLCA_TILE) {
        forward_pairs(pairs, count, coefficients, in, in_pitch, out, out_pitch, lanes.vectors, DLCA_TILE);
    } else {
        forward_pairs(pairs, count, coefficients, in, in_pitch, out, out_pitch, lanes.vectors, DLCA_LANES);
    }
}

typedef struct PairRows {
    const float *a, *b, *g;
    float *a_gradient, *b_gradient;
} PairRows;

/* a's gradient is stored before b's is read: they may be the same row. All parts of sixteen lanes at a time: with one
 * at a time the four sums were one chain of additions each, which two registers' worth do not wait for. */
ALWAYS_INLINE Folded backward_pair(const PairRows *rows, const float *c, bool a_adds, bool b_adds, int32_t vectors,
                                   const int apart) {
    const Vec c1 = vec_set(c[1]), c2 = vec_set(c[2]), c3 = vec_set(c[3]);
    Vec sums[FOLD_SUMS][PARTS];
    for (int j = 0; j < FOLD_SUMS; j++) {
        for (int p = 0; p < PARTS; p++) {
            sums[j][p] = vec_set(0.0f);
        }
    }
    for (int32_t v = 0; v < vectors; v++) {
        for (int p = 0; p < PARTS; p++) {
            const int32_t at = v * apart + p * VEC_LANES;
            const Vec a = vec_load(rows->a + at), b = vec_load(rows->b + at), g = vec_load(rows->g + at);
            const Vec ga = vec_mul(g, a), gb = vec_mul(g, b);
            vec_store(rows->a_gradient + at, a_adds
                                                 ? gate_input_gradient(c1, c3, g, gb, vec_load(rows->a_gradient + at))
                                                 : gate_first_input_gradient(c1, c3, g, gb));
            vec_store(rows->b_gradient + at, b_adds
                                                 ? gate_input_gradient(c2, c3, g, ga, vec_load(rows->b_gradient + at))
                                                 : gate_first_input_gradient(c2, c3, g, ga));
            sums[0][p] = vec_add(sums[0][p], g);
            sums[1][p] = vec_add(sums[1][p], ga);
            sums[2][p] = vec_add(sums[2][p], gb);
            sums[3][p] = vec_fma(ga, b, sums[3][p]);
        }
    }
    return fold_gate((const Vec(*)[PARTS])sums);
}

/* Four copies of the loop, so that the flags cost nothing inside. */
ALWAYS_INLINE Folded backward_flagged_pair(const PairRows *rows, const float *c, uint32_t flags, int32_t vectors,
                                           const int apart) {
    switch (flags & (DLCA_PAIR_A_ADDS | DLCA_PAIR_B_ADDS)) {
    case 0:
        return backward_pair(rows, c, false, false, vectors, apart);
    case DLCA_PAIR_A_ADDS:
        return backward_pair(rows, c, true, false, vectors, apart);
    case DLCA_PAIR_B_ADDS:
        return backward_pair(rows, c, false, true, vectors, apart);
    default:
        return backward_pair(rows, c, true, true, vectors, apart);
    }
}

static Folded backward_any_pair(const PairRows *rows, const float *c, uint32_t flags, DlcaLanes lanes) {
    return lanes.apart == DLCA_TILE ? backward_flagged_pair(rows, c, flags, lanes.vectors, DLCA_TILE)
                                    : backward_flagged_pair(rows, c, flags, lanes.vectors, DLCA_LANES);
}

static void perceive_rows_backward(const DlcaPair *pairs, int32_t count, const float *coefficients, const float *in,
                                   size_t in_pitch, const float *out_gradient, size_t out_pitch, float *in_gradient,
                                   size_t in_gradient_pitch, DlcaLanes lanes, float *sums) {
    Folded folded[FOLD_GATES];
    for (int32_t p = 0; p < count; p++) {
        const DlcaPair pair = pairs[p];
        const PairRows rows = {.a = in + (size_t)pair.a * in_pitch,
                               .b = in + (size_t)pair.b * in_pitch,
                               .g = out_gradient + (size_t)pair.out * out_pitch,
                               .a_gradient = in_gradient + (size_t)pair.a * in_gradient_pitch,
                               .b_gradient = in_gradient + (size_t)pair.b * in_gradient_pitch};
        folded[p % FOLD_GATES] = backward_any_pair(&rows, coefficients + 4 * (size_t)p, pair.flags, lanes);
        if (p % FOLD_GATES == FOLD_GATES - 1) {
            fold_block(folded, sums + 4 * (size_t)(p + 1 - FOLD_GATES));
        }
    }
    const int32_t left = count % FOLD_GATES;
    if (left > 0) {
        memset(folded + left, 0, (size_t)(FOLD_GATES - left) * sizeof *folded);
        fold_block(folded, sums + 4 * (size_t)(count - left));
    }
}

/* ---- a whole perception kernel in registers ---- */

/* Lanes at a time: at most one value per layer is live beside the centre and a gate's coefficients, which leaves 16
 * registers room for two vectors each, and 32 for two as well. */
enum { TREE_VECS = VEC_LANES >= 8 ? 2 : DLCA_LANES / VEC_LANES, TREE_SIXTEENS = TREE_VECS / PARTS };

typedef struct TreeAt {
    const float *coefficients, *leaf[8], *centre;
    float *inner; /* where the gate of place 0 keeps its values */
    size_t inner_pitch;
    bool keeps; /* a constant where the functions below are inlined, as is the next */
    int apart;
    int32_t at; /* lanes from the start of a row */
} TreeAt;

typedef struct TreeValue {
    Vec vec[TREE_VECS];
} TreeValue;

/* Where vector v of a value lies behind the first. */
ALWAYS_INLINE int tree_place(int v, const int apart) {
    return v / PARTS * apart + v % PARTS * VEC_LANES;
}

ALWAYS_INLINE TreeValue tree_load(const TreeAt *tree, const float *row) {
    TreeValue value;
    for (int v = 0; v < TREE_VECS; v++) {
        value.vec[v] = vec_load(row + tree->at + tree_place(v, tree->apart));
    }
    return value;
}

ALWAYS_INLINE void tree_store(const TreeAt *tree, float *row, TreeValue value) {
    for (int v = 0; v < TREE_VECS; v++) {
        vec_store(row + tree->at + tree_place(v, tree->apart), value.vec[v]);
    }
}

/* The gate at `place` of the kernel's coefficients. */
ALWAYS_INLINE TreeValue tree_gate(const TreeAt *tree, int place, TreeValue a, TreeValue b) {
    const GateCoefficients c = coefficients_of(tree->coefficients + 4 * place);
    TreeValue value;
    for (int v = 0; v < TREE_VECS; v++) {
        value.vec[v] = gate_forward(c, a.vec[v], b.vec[v]);
    }
    if (tree->keeps) {
        tree_store(tree, tree->inner + (size_t)place * tree->inner_pitch, value);
    }
    return value;
}

ALWAYS_INLINE TreeValue tree_first(const TreeAt *tree, int i, TreeValue centre) {
    return tree_gate(tree, DLCA_TREE_FIRST + i, tree_load(tree, tree->leaf[i]), centre);
}

ALWAYS_INLINE TreeValue tree_second(const TreeAt *tree, int i, TreeValue centre) {
    const TreeValue a = tree_first(tree, 2 * i, centre), b = tree_first(tree, 2 * i + 1, centre);
    return tree_gate(tree, DLCA_TREE_SECOND + i, a, b);
}

ALWAYS_INLINE TreeValue tree_third(const TreeAt *tree, int i, TreeValue centre) {
    const TreeValue a = tree_second(tree, 2 * i, centre), b = tree_second(tree, 2 * i + 1, centre);
    return tree_gate(tree, DLCA_TREE_THIRD + i, a, b);
}

/* The last layer to out, nothing kept. */
ALWAYS_INLINE void tree_outputs(TreeAt tree, float *const out[2], int32_t vectors, const int apart, bool four_layers) {
    tree.keeps = false;
    tree.apart = apart;
    for (; tree.at < vectors * apart; tree.at += TREE_SIXTEENS * apart) {
        const TreeValue centre = tree_load(&tree, tree.centre);
        const TreeValue a = tree_third(&tree, 0, centre);
        if (!four_layers) {
            tree_store(&tree, out[0], a);
        }
        const TreeValue b = tree_third(&tree, 1, centre);
        if (four_layers) {
            tree_store(&tree, out[0], tree_gate(&tree, DLCA_TREE_FOURTH, a, b));
        } else {
            tree_store(&tree, out[1], b);
        }
    }
}

/* The layers before the last one, kept. */
ALWAYS_INLINE void tree_inner(TreeAt tree, int32_t vectors, const int apart, bool four_layers) {
    tree.keeps = true;
    tree.apart = apart;
    for (; tree.at < vectors * apart; tree.at += TREE_SIXTEENS * apart) {
        const TreeValue centre = tree_load(&tree, tree.centre);
        for (int i = 0; i < 2; i++) {
            if (four_layers) {
                tree_third(&tree, i, centre);
            } else {
                tree_second(&tree, 2 * i, centre);
                tree_second(&tree, 2 * i + 1, centre);
            }
        }
    }
}

static TreeAt tree_of(const DlcaTree *tree, const float *coefficients, const float *in, size_t in_pitch) {
    TreeAt at = {.coefficients = coefficients, .centre = in + (size_t)tree->centre * in_pitch};
    for (int i = 0; i < 8; i++) {
        at.leaf[i] = in + (size_t)tree->leaf[i] * in_pitch;
    }
    return at;
}

static void perceive_tree_forward(const DlcaTree *tree, const float *coefficients, const float *in, size_t in_pitch,
                                  float *out, size_t out_pitch, DlcaLanes lanes) {
    const TreeAt at = tree_of(tree, coefficients, in, in_pitch);
    float *const rows[2] = {out + (size_t)tree->out[0] * out_pitch, out + (size_t)tree->out[1] * out_pitch};
    const bool half = lanes.apart == DLCA_TILE;
    if (tree->four_layers && half) {
        tree_outputs(at, rows, lanes.vectors, DLCA_TILE, true);
    } else if (tree->four_layers) {
        tree_outputs(at, rows, lanes.vectors, DLCA_LANES, true);
    } else if (half) {
        tree_outputs(at, rows, lanes.vectors, DLCA_TILE, false);
    } else {
        tree_outputs(at, rows, lanes.vectors, DLCA_LANES, false);
    }
}

static void perceive_tree_inner(const DlcaTree *tree, const float *coefficients, const float *in, size_t in_pitch,
                                float *inner, size_t inner_pitch, DlcaLanes lanes) {
    TreeAt at = tree_of(tree, coefficients, in, in_pitch);
    at.inner = inner;
    at.inner_pitch = inner_pitch;
    const bool half = lanes.apart == DLCA_TILE;
    if (tree->four_layers && half) {
        tree_inner(at, lanes.vectors, DLCA_TILE, true);
    } else if (tree->four_layers) {
        tree_inner(at, lanes.vectors, DLCA_LANES, true);
    } else if (half) {
        tree_inner(at, lanes.vectors, DLCA_TILE, false);
    } else {
        tree_inner(at, lanes.vectors, DLCA_LANES, false);
    }
}
