/* picture_jpeg.c - walks over the segments of a JPEG file. Source: ITU T.81, Annex B. */
#include "picture_jpeg.h"

#include "picture_walk.h"

enum {
    MARKER_START = 0xd8,
    MARKER_END = 0xd9,
    MARKER_HUFFMAN = 0xc4,
    MARKER_SCAN = 0xda,
    MARKER_QUANTIZATION = 0xdb,
    MARKER_LINES = 0xdc,
    MARKER_RESTART_INTERVAL = 0xdd,
    MARKER_PROGRESSIVE = 0xc2,
    MOST_COMPONENTS = 4,
    TABLES = 4,
    CODE_LENGTHS = 16,
    MOST_CODES = 255, /* run and size of coefficients give fewer (T.81, F.1.2.2 and G.1.2.2) */
    COEFFICIENTS = 64
};

typedef struct Jpeg {
    DlcaWalk walk;
    bool coarse[TABLES], fine[TABLES]; /* Huffman tables of the mean (DC) and of the other coefficients (AC) */
    bool quantization[TABLES];
    int components; /* 0 before the frame's header */
    bool progressive;
    uint32_t name[MOST_COMPONENTS], quantized_by[MOST_COMPONENTS];
    bool scanned[MOST_COMPONENTS]; /* its mean coefficients have come */
} Jpeg;

/* Each function gets the bytes of its segment, without the length, and says whether they are sound. */

static bool huffman_tables(Jpeg *jpeg, DlcaWalk *segment) {
    while (segment->at < segment->size) {
        const uint32_t head = dlca_walk_take(segment);
        uint32_t codes = 0;
        for (int i = 0; i < CODE_LENGTHS; i++) {
            codes += dlca_walk_take(segment);
        }
        dlca_walk_skip(segment, codes);
        if (segment->cut || head >> 4 > 1 || (head & 15) >= TABLES || codes == 0 || codes > MOST_CODES) {
            return false;
        }
        (head >> 4 ? jpeg->fine : jpeg->coarse)[head & 15] = true;
    }
    return true;
}

static bool quantization_tables(Jpeg *jpeg, DlcaWalk *segment) {
    while (segment->at < segment->size) {
        const uint32_t head = dlca_walk_take(segment);
        if (head >> 4 > 1 || (head & 15) >= TABLES) {
            return false;
        }
        dlca_walk_skip(segment, head >> 4 ? 2 * COEFFICIENTS : COEFFICIENTS);
        jpeg->quantization[head & 15] = true;
    }
    return !segment->cut;
}

static bool frame_header(Jpeg *jpeg, DlcaWalk *segment, uint32_t marker) {
    if (jpeg->components != 0) {
        return false;
    }
    dlca_walk_skip(segment, 5); /* bits of a sample, lines, samples of a line */
    const uint32_t components = dlca_walk_take(segment);
    if (components < 1 || components > MOST_COMPONENTS) {
        return false;
    }
    jpeg->components = (int)components;
    jpeg->progressive = marker == MARKER_PROGRESSIVE;
    for (int i = 0; i < jpeg->components; i++) {
        jpeg->name[i] = dlca_walk_take(segment);
        dlca_walk_skip(segment, 1); /* sampling factors */
        jpeg->quantized_by[i] = dlca_walk_take(segment);
        if (jpeg->quantized_by[i] >= TABLES) {
            return false;
        }
    }
    return !segment->cut;
}

static int component_named(const Jpeg *jpeg, uint32_t name) {
    int i = 0;
    while (i < jpeg->components && jpeg->name[i] != name) {
        i++;
    }
    return i;
}

/* A progressive scan has the means (first and last 0) or other coefficients; a refinement of means needs no table. */
static bool scan_header(Jpeg *jpeg, DlcaWalk *segment) {
    int component[MOST_COMPONENTS];
    uint32_t tables[MOST_COMPONENTS];
    const int count = (int)dlca_walk_take(segment);
    if (count < 1 || count > jpeg->components) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        component[i] = component_named(jpeg, dlca_walk_take(segment));
        tables[i] = dlca_walk_take(segment);
    }
    const uint32_t first = dlca_walk_take(segment);
    dlca_walk_skip(segment, 1); /* last coefficient */
    const bool refines = dlca_walk_take(segment) >> 4 != 0;
    const bool means = !jpeg->progressive || first == 0, others = !jpeg->progressive || first != 0;
    for (int i = 0; i < count; i++) {
        const uint32_t coarse = tables[i] >> 4, fine = tables[i] & 15;
        if (component[i] == jpeg->components || coarse >= TABLES || fine >= TABLES ||
            !jpeg->quantization[jpeg->quantized_by[component[i]]] || (means && !refines && !jpeg->coarse[coarse]) ||
            (others && !jpeg->fine[fine]) || (!jpeg->scanned[component[i]] && (!means || refines))) {
            return false;
        }
        jpeg->scanned[component[i]] = true;
    }
    return !segment->cut;
}

/* Behind a scan's header: coded bytes, in which 0xff is followed by 0 or by a restart marker. */
static void skip_coded(DlcaWalk *walk) {
    while (!walk->cut) {
        if (dlca_walk_take(walk) != 0xff || walk->cut) {
            continue;
        }
        const uint8_t next = walk->at < walk->size ? walk->bytes[walk->at] : 0;
        if (next != 0 && next != 0xff && !(next >= 0xd0 && next <= 0xd7)) {
            walk->at--; /* a marker: it begins with this 0xff */
            return;
        }
    }
}

static bool segment_is_sound(Jpeg *jpeg, uint32_t marker) {
    const uint32_t length = dlca_walk_take_big(&jpeg->walk, 2);
    const size_t begin = jpeg->walk.at;
    dlca_walk_skip(&jpeg->walk, length < 2 ? 0 : length - 2);
    if (length < 2 || jpeg->walk.cut) {
        return false;
    }
    DlcaWalk segment = {.bytes = jpeg->walk.bytes, .at = begin, .size = jpeg->walk.at};
    switch (marker) {
    case MARKER_HUFFMAN:
        return huffman_tables(jpeg, &segment);
    case MARKER_QUANTIZATION:
        return quantization_tables(jpeg, &segment);
    case 0xc0:
    case 0xc1:
    case MARKER_PROGRESSIVE:
        return frame_header(jpeg, &segment, marker);
    case MARKER_SCAN:
        if (!scan_header(jpeg, &segment)) {
            return false;
        }
        skip_coded(&jpeg->walk);
        return true;
    default: /* applications' segments, comments, lines, restart interval; what else there is codes arithmetically */
        return marker >= 0xe0 || marker == MARKER_LINES || marker == MARKER_RESTART_INTERVAL;
    }
}

static bool every_component_is_scanned(const Jpeg *jpeg) {
    for (int i = 0; i < jpeg->components; i++) {
        if (!jpeg->scanned[i]) {
            return false;
        }
    }
    return jpeg->components > 0;
}

/* The next marker; before the frame's header some writers leave other bytes between segments. 0: there is none. */
static uint32_t next_marker(Jpeg *jpeg) {
    uint32_t byte = dlca_walk_take(&jpeg->walk);
    while (byte != 0xff && jpeg->components == 0 && !jpeg->walk.cut) {
        byte = dlca_walk_take(&jpeg->walk);
    }
    if (byte != 0xff) {
        return 0;
    }
    while (byte == 0xff && !jpeg->walk.cut) {
        byte = dlca_walk_take(&jpeg->walk);
    }
    return jpeg->walk.cut ? 0 : byte;
}

bool dlca_jpeg_is_sound(const uint8_t *bytes, size_t size) {
    Jpeg jpeg = {.walk = {.bytes = bytes, .size = size}};
    if (next_marker(&jpeg) != MARKER_START) {
        return false;
    }
    for (;;) {
        const uint32_t marker = next_marker(&jpeg);
        if (marker == MARKER_END) {
            return every_component_is_scanned(&jpeg);
        }
        if (!segment_is_sound(&jpeg, marker)) {
            return false;
        }
    }
}
