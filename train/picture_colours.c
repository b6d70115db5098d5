/* picture_colours.c - k-means over the pixels in OKLab (Ottosson 2020), where distances are those that eyes see. Leaves
 * alone: reading, scaling, bits. */
#include "picture_colours.h"

#include "picture_scale.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 30 };

typedef struct Point {
    double light, a, b;
} Point;

typedef struct Clusters {
    int32_t count;
    Point centre[DLCA_MOST_COLOURS];
    double lost;    /* sum of squared distances */
    double off_hue; /* part of the pixels whose hue is visibly another than their cluster's */
} Clusters;

static Point point_of(const uint8_t rgb[3]) {
    const double r = dlca_linear_of_srgb(rgb[0]), g = dlca_linear_of_srgb(rgb[1]), b = dlca_linear_of_srgb(rgb[2]);
    const double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return (Point){0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
                   1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
                   0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

static double hue_distance(Point p, Point q) {
    return (p.a - q.a) * (p.a - q.a) + (p.b - q.b) * (p.b - q.b);
}

static double distance(Point p, Point q) {
    return (p.light - q.light) * (p.light - q.light) + hue_distance(p, q);
}

static int32_t nearest(const Clusters *clusters, Point point) {
    int32_t best = 0;
    for (int32_t k = 1; k < clusters->count; k++) {
        if (distance(point, clusters->centre[k]) < distance(point, clusters->centre[best])) {
            best = k;
        }
    }
    return best;
}

/* Adds the pixel that is farthest from every centre; false when all lie on one. */
static bool add_centre(Clusters *clusters, const Point *points, size_t pixels) {
    size_t farthest = 0;
    double most = 0;
    for (size_t i = 0; i < pixels; i++) {
        const double away = clusters->count ? distance(points[i], clusters->centre[nearest(clusters, points[i])]) : 0;
        if (away > most) {
            most = away;
            farthest = i;
        }
    }
    if (clusters->count > 0 && most < 1e-9) {
        return false;
    }
    clusters->centre[clusters->count++] = points[farthest];
    return true;
}

/* Moves each centre to the mean of the pixels that are nearest to it; an empty one stays. */
static bool move_centres(Clusters *clusters, const Point *points, size_t pixels) {
    Point sum[DLCA_MOST_COLOURS] = {0};
    double members[DLCA_MOST_COLOURS] = {0}, moved = 0;
    for (size_t i = 0; i < pixels; i++) {
        const int32_t k = nearest(clusters, points[i]);
        sum[k].light += points[i].light;
        sum[k].a += points[i].a;
        sum[k].b += points[i].b;
        members[k]++;
    }
    for (int32_t k = 0; k < clusters->count; k++) {
        if (members[k] > 0) {
            const Point mean = {sum[k].light / members[k], sum[k].a / members[k], sum[k].b / members[k]};
            moved += distance(mean, clusters->centre[k]);
            clusters->centre[k] = mean;
        }
    }
    return moved > 1e-12;
}

static void measure(Clusters *clusters, const Point *points, size_t pixels) {
    clusters->lost = clusters->off_hue = 0;
    for (size_t i = 0; i < pixels; i++) {
        const Point centre = clusters->centre[nearest(clusters, points[i])];
        clusters->lost += distance(points[i], centre);
        clusters->off_hue += hue_distance(points[i], centre) > 0.07 * 0.07 ? 1.0 / (double)pixels : 0;
    }
}

/* False when the pixels have fewer colours than asked for; there are as many as they have then. */
static bool cluster(Clusters *clusters, const Point *points, size_t pixels, int32_t wanted) {
    bool enough = true;
    *clusters = (Clusters){0};
    while (enough && clusters->count < wanted) {
        enough = add_centre(clusters, points, pixels);
    }
    for (int round = 0; round < ROUNDS && move_centres(clusters, points, pixels); round++) {
    }
    measure(clusters, points, pixels);
    return enough;
}

/* All where there are no more than eight. Otherwise as few as leave less than 8 % of the variance and give no more than
 * 2 % of the pixels another hue: edges between two areas, half the one and half the other, count for little; a small
 * red dot counts. */
static void cluster_as_few(Clusters *clusters, const Point *points, size_t pixels) {
    cluster(clusters, points, pixels, DLCA_MOST_COLOURS);
    if (clusters->lost < 1e-9 * (double)pixels) {
        return;
    }
    cluster(clusters, points, pixels, 1);
    const double variance = clusters->lost;
    for (int32_t wanted = 2; wanted <= DLCA_MOST_COLOURS; wanted++) {
        if (!cluster(clusters, points, pixels, wanted) ||
            (clusters->lost <= 0.08 * variance && clusters->off_hue <= 0.02)) {
            return;
        }
    }
}

/* ---- numbers and colours ---- */

/* The most frequent first, those that do not occur left out: number [old] is the new one. */
static int32_t order(const int64_t *members, int32_t count, uint8_t *number) {
    int32_t occur = 0;
    for (int32_t k = 0; k < count; k++) {
        int32_t before = 0;
        for (int32_t other = 0; other < count; other++) {
            before += members[other] > members[k] || (members[other] == members[k] && other < k);
        }
        number[k] = (uint8_t)before;
        occur += members[k] > 0;
    }
    return occur;
}

static void assign(DlcaReduced *reduced, const DlcaPicture *picture, const Clusters *clusters, const Point *points) {
    const size_t pixels = (size_t)picture->width * (size_t)picture->height;
    int64_t members[DLCA_MOST_COLOURS] = {0};
    double light[DLCA_MOST_COLOURS][3] = {{0}};
    uint8_t number[DLCA_MOST_COLOURS] = {0};
    for (size_t i = 0; i < pixels; i++) {
        const int32_t k = nearest(clusters, points[i]);
        reduced->colour[i] = (uint8_t)k;
        members[k]++;
        for (size_t c = 0; c < 3; c++) {
            light[k][c] += dlca_linear_of_srgb(picture->rgb[3 * i + c]);
        }
    }
    reduced->colours = order(members, clusters->count, number);
    for (int32_t k = 0; k < clusters->count; k++) {
        for (size_t c = 0; c < 3 && members[k] > 0; c++) {
            reduced->rgb[number[k]][c] = (uint8_t)(dlca_srgb_of_linear(light[k][c] / (double)members[k]) + 0.5);
        }
    }
    for (size_t i = 0; i < pixels; i++) {
        reduced->colour[i] = number[reduced->colour[i]];
    }
}

bool dlca_picture_reduce(DlcaReduced *reduced, const DlcaPicture *picture, int32_t wanted, DlcaError *error) {
    const size_t pixels = (size_t)picture->width * (size_t)picture->height;
    Point *points = malloc(pixels * sizeof *points);
    Clusters clusters;
    *reduced = (DlcaReduced){.colour = malloc(pixels)};
    if (!points || !reduced->colour) {
        free(points);
        dlca_reduced_free(reduced);
        return dlca_fail(error, DLCA_FAILED, "no memory for the colours of a picture");
    }
    for (size_t i = 0; i < pixels; i++) {
        points[i] = point_of(picture->rgb + 3 * i);
    }
    if (wanted > 0) {
        cluster(&clusters, points, pixels, wanted);
    } else {
        cluster_as_few(&clusters, points, pixels);
    }
    assign(reduced, picture, &clusters, points);
    free(points);
    return true;
}

void dlca_reduced_free(DlcaReduced *reduced) {
    free(reduced->colour);
    reduced->colour = NULL;
}
