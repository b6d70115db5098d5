/* picture_scale.c - area averages and nearest pixels. Leaves alone: reading, colours. */
#include "picture_scale.h"

#include <math.h>
#include <stdlib.h>

double dlca_linear_of_srgb(double value) {
    const double part = value / 255;
    return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4);
}

double dlca_srgb_of_linear(double value) {
    const double part = value <= 0.0031308 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055;
    return 255 * (part < 0 ? 0 : part > 1 ? 1 : part);
}

/* The pixels of one axis that a new pixel covers: from first to last, the outer two in part. */
typedef struct Span {
    int32_t first, last;
    double first_weight, last_weight; /* of a whole pixel; of one that is both, first_weight */
} Span;

static Span span_of(int32_t at, int32_t to, int32_t from) {
    if (to >= from) { /* larger: the pixel under the middle */
        const int32_t nearest = (int32_t)(((int64_t)2 * at + 1) * from / (2 * (int64_t)to));
        return (Span){nearest, nearest, 1, 1};
    }
    const double begin = (double)at * from / to, end = (double)(at + 1) * from / to;
    Span span = {.first = (int32_t)begin, .last = (int32_t)ceil(end) - 1};
    span.last = span.last < from ? span.last : from - 1;
    span.first_weight = span.first == span.last ? end - begin : span.first + 1 - begin;
    span.last_weight = end - span.last;
    return span;
}

static double weight_at(const Span *span, int32_t at) {
    return at == span->first ? span->first_weight : at == span->last ? span->last_weight : 1;
}

static void average(const DlcaPicture *from, const Span *across, const Span *down, const double linear[256],
                    uint8_t rgb[3]) {
    double sum[3] = {0}, weights = 0;
    for (int32_t y = down->first; y <= down->last; y++) {
        const uint8_t *row = from->rgb + 3 * (size_t)y * (size_t)from->width;
        for (int32_t x = across->first; x <= across->last; x++) {
            const double weight = weight_at(across, x) * weight_at(down, y);
            for (int c = 0; c < 3; c++) {
                sum[c] += weight * linear[row[3 * x + c]];
            }
            weights += weight;
        }
    }
    for (int c = 0; c < 3; c++) {
        rgb[c] = (uint8_t)(dlca_srgb_of_linear(sum[c] / weights) + 0.5);
    }
}

bool dlca_picture_scale_to(DlcaPicture *to, const DlcaPicture *from, int32_t width, int32_t height, DlcaError *error) {
    double linear[256];
    if (!dlca_picture_create(to, width, height, error)) {
        return false;
    }
    for (int value = 0; value < 256; value++) {
        linear[value] = dlca_linear_of_srgb(value);
    }
    for (int32_t y = 0; y < height; y++) {
        const Span down = span_of(y, height, from->height);
        for (int32_t x = 0; x < width; x++) {
            const Span across = span_of(x, width, from->width);
            average(from, &across, &down, linear, to->rgb + 3 * ((size_t)y * (size_t)width + (size_t)x));
        }
    }
    return true;
}
