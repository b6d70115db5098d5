/* patch_names.h - what the inputs and outputs of a cell's circuit are called in other tools' formats, and back.
 *
 * Input neighbour * channels + channel is "nw_0": the neighbour by compass point (c: the cell itself), then the
 * channel; output i is "next_i", a gate "g12". With the number at the end none is a keyword of C, Verilog or BLIF.
 * Leaves alone: everything else about grids. */
#ifndef DLCA_PATCH_NAMES_H
#define DLCA_PATCH_NAMES_H

#include <stddef.h>
#include <stdint.h>

enum { DLCA_PATCH_CELLS = 9, DLCA_PATCH_NAME_BYTES = 24 };

/* Row by row: "nw", "n", "ne", "w", "c", "e", "sw", "s", "se". */
extern const char *const dlca_patch_cell[DLCA_PATCH_CELLS];

void dlca_input_name(char name[DLCA_PATCH_NAME_BYTES], int32_t input, int32_t channels);
void dlca_output_name(char name[DLCA_PATCH_NAME_BYTES], int32_t output);

/* For people: "nw 3" and "next 3"; "nw" and "next" where cells have one channel. */
void dlca_input_label(char label[DLCA_PATCH_NAME_BYTES], int32_t input, int32_t channels);
void dlca_output_label(char label[DLCA_PATCH_NAME_BYTES], int32_t output, int32_t channels);

/* The node of a circuit as text: an input's name, or "g" and the gate's number. */
void dlca_node_name(char name[DLCA_PATCH_NAME_BYTES], int32_t node, int32_t channels);

/* The input (output) that name [length] says, -1 when it says none of `channels` channels. "nw[3]" is read as "nw_3"
 * is, and "nw" alone where there is one channel: so synthesis programs write the ports of the Verilog module. */
int32_t dlca_input_of_name(const char *name, size_t length, int32_t channels);
int32_t dlca_output_of_name(const char *name, size_t length, int32_t channels);

#endif
