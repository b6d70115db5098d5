/* test_geometry.c - patches through the gather plans against coordinates, with and without wrap, at awkward sizes; and
 * the lists of cells that fire. */
#include "../src/fire.h"
#include "../src/geometry.h"
#include "random_circuit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* 1 + its number for the cell at (x, y) of a grid, 0 outside. */
static float value_at(const DlcaGeometry *geometry, int32_t grid, int32_t y, int32_t x) {
    const int32_t height = geometry->height, width = geometry->width;
    if (geometry->periodic) {
        y = (y % height + height) % height;
        x = (x % width + width) % width;
    } else if (y < 0 || x < 0 || y >= height || x >= width) {
        return 0.0f;
    }
    return (float)(1 + (grid * height + y) * width + x);
}

static void expect_plan(const DlcaGeometry *geometry) {
    const int32_t area = geometry->height * geometry->width, cells = area * geometry->grids;
    float *row = calloc(dlca_row_pitch(cells), sizeof *row);
    float patch[DLCA_TILE + 16];
    DlcaPatchPlan plan;
    DlcaError error = {0};
    for (int32_t cell = 0; cell < cells; cell++) {
        row[cell] = (float)(1 + cell);
    }
    cr_assert(dlca_patch_plan_create(&plan, geometry, &error));
    cr_assert_eq(plan.tiles, (cells + DLCA_TILE - 1) / DLCA_TILE);
    for (int32_t tile = 0; tile < plan.tiles; tile++) {
        for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
            const int32_t *first = plan.first + tile * DLCA_NEIGHBOURS + n;
            dlca_kernels_scalar()->gather(plan.spans + first[0], first[1] - first[0], row, 0, 1, patch);
            for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
                const int32_t cell = tile * DLCA_TILE + lane, y = cell % area / geometry->width;
                const int32_t x = cell % geometry->width;
                const float expected =
                    cell < cells ? value_at(geometry, cell / area, y + n / 3 - 1, x + n % 3 - 1) : 0.0f;
                cr_assert_eq(patch[lane], expected, "%dx%d, %d grids, wrap %d: cell %d, neighbour %d", geometry->height,
                             geometry->width, geometry->grids, geometry->periodic, cell, n);
            }
        }
    }
    dlca_patch_plan_free(&plan);
    free(row);
}

/* Patch gradients that say which cell and neighbour they belong to, as powers of ten would: sums tell what came in. */
static void expect_reverse_plan(const DlcaGeometry *geometry) {
    enum { BETWEEN_NEIGHBOURS = 40, BETWEEN_TILES = 9 * BETWEEN_NEIGHBOURS + 7 };
    const int32_t area = geometry->height * geometry->width, cells = area * geometry->grids;
    DlcaPatchPlan plan;
    DlcaError error = {0};
    cr_assert(dlca_patch_plan_reverse(&plan, geometry, BETWEEN_TILES, BETWEEN_NEIGHBOURS, &error));
    float *gradient = calloc((size_t)plan.tiles * BETWEEN_TILES + 16, sizeof *gradient);
    for (int32_t cell = 0; cell < cells; cell++) {
        for (int n = 0; n < DLCA_NEIGHBOURS; n++) {
            gradient[cell / DLCA_TILE * BETWEEN_TILES + n * BETWEEN_NEIGHBOURS + cell % DLCA_TILE] =
                (float)(1 + cell * 9 + n);
        }
    }
    for (int32_t tile = 0; tile < plan.tiles; tile++) {
        float sums[DLCA_TILE] = {0};
        dlca_kernels_scalar()->gather_add(plan.spans, plan.first + tile * DLCA_NEIGHBOURS, gradient, sums);
        for (int32_t lane = 0; lane < DLCA_TILE; lane++) {
            const int32_t cell = tile * DLCA_TILE + lane, y = cell % area / geometry->width;
            const int32_t x = cell % geometry->width;
            float expected = 0.0f;
            for (int n = 0; n < DLCA_NEIGHBOURS && cell < cells; n++) { /* the cell whose neighbour n this one is */
                const float reader = value_at(geometry, cell / area, y - (n / 3 - 1), x - (n % 3 - 1));
                expected += reader == 0.0f ? 0.0f : 1.0f + (reader - 1.0f) * 9.0f + (float)n;
            }
            cr_assert_eq(sums[lane], expected, "%dx%d, %d grids, wrap %d: cell %d", geometry->height, geometry->width,
                         geometry->grids, geometry->periodic, cell);
        }
    }
    dlca_patch_plan_free(&plan);
    free(gradient);
}

Test(geometry, patches) {
    const int32_t sizes[][2] = {{1, 1}, {1, 2}, {2, 1},  {1, 7},  {1, 33}, {40, 1},  {2, 2},  {2, 40},  {37, 2},
                                {3, 3}, {5, 4}, {7, 31}, {7, 32}, {7, 33}, {16, 16}, {3, 64}, {20, 20}, {1, 100}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (int32_t grids = 1; grids <= 3; grids++) {
            for (int wraps = 0; wraps < 2; wraps++) {
                const DlcaGeometry geometry = {sizes[i][0], sizes[i][1], grids, wraps};
                expect_plan(&geometry);
                expect_reverse_plan(&geometry);
            }
        }
    }
}

Test(geometry, spans_of_any_sources) {
    TestRandom random = test_random(8);
    float row[256 + DLCA_TILE + 16] = {0}, patch[DLCA_TILE + 16];
    for (int i = 0; i < 256; i++) {
        row[i] = (float)(i + 1);
    }
    for (int round = 0; round < 2000; round++) {
        int32_t sources[DLCA_TILE];
        DlcaSpan spans[DLCA_TILE];
        for (int lane = 0; lane < DLCA_TILE; lane++) { /* runs, jumps and holes */
            const int32_t kind = test_random_below(&random, 4);
            const int32_t next =
                lane > 0 && sources[lane - 1] >= 0 && sources[lane - 1] < 255 ? sources[lane - 1] + 1 : 0;
            sources[lane] = kind == 0 ? -1 : kind == 1 ? test_random_below(&random, 256) : next;
        }
        const int32_t count = dlca_spans(sources, spans);
        cr_assert_leq(count, DLCA_TILE);
        dlca_kernels_scalar()->gather(spans, count, row, 0, 1, patch);
        for (int lane = 0; lane < DLCA_TILE; lane++) {
            cr_assert_eq(patch[lane], sources[lane] < 0 ? 0.0f : row[sources[lane]]);
        }
    }
}

Test(geometry, columns_of_the_cells_that_fire) {
    enum { STEPS = 5, AREA = 11, GRIDS = 3 };
    const DlcaConfig config = {.height = 1, .width = AREA, .steps = STEPS, .batch = GRIDS};
    uint8_t mask[STEPS * AREA];
    DlcaFire fire = {0};
    DlcaError error = {0};
    dlca_fire_mask(5, DLCA_RANDOM_FIRE, 0, 0, 0.5, STEPS * AREA, mask);
    memset(mask + AREA, 0, AREA);     /* nobody fires at step 1 */
    memset(mask + 2 * AREA, 1, AREA); /* everybody at step 2 */
    cr_assert(dlca_fire_reserve(&fire, &config, &error));
    dlca_fire_load(&fire, mask, STEPS);
    for (int32_t step = 0; step < STEPS; step++) {
        int32_t cells[AREA * GRIDS + 5], columns = 0, place = 0;
        for (int32_t cell = 0; cell < AREA; cell++) {
            cr_assert_eq(dlca_fire_place(&fire, step, cell), mask[step * AREA + cell] ? place++ : -1);
        }
        cr_assert_eq(dlca_fire_columns(&fire, step), place * GRIDS);
        for (int32_t first = 0; first < AREA * GRIDS; first += 7) { /* runs that start anywhere */
            dlca_fire_cells(&fire, step, first, 7, cells + first);
        }
        for (int32_t cell = 0; cell < AREA * GRIDS; cell++) {
            if (mask[step * AREA + cell % AREA]) {
                cr_assert_eq(cells[columns++], cell);
            }
        }
        for (; columns < AREA * GRIDS; columns++) {
            cr_assert_eq(cells[columns], -1);
        }
    }
    dlca_fire_free(&fire);
}
