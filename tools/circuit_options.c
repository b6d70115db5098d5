/* circuit_options.c - the options of `dlca circuit`. */
#include "circuit_options.h"

#include "simulate_options.h"

static bool parse_output(const char *text, void *into, DlcaError *error) {
    DlcaCircuitOutputs *outputs = into;
    if (outputs->count == DLCA_MOST_OUTPUTS) {
        return dlca_fail(error, DLCA_BAD_INPUT, "at most %d files are accepted", DLCA_MOST_OUTPUTS);
    }
    if (!dlca_export_format(text, &outputs->format[outputs->count], error)) {
        return false;
    }
    if (!dlca_check_output(text, error)) {
        return false;
    }
    outputs->path[outputs->count++] = text;
    return true;
}

#define AT(field) offsetof(DlcaCircuitOptions, field)
#define FLAG(text, at) .name = (text), .kind = DLCA_OPTION_FLAG, .offset = AT(at)

static const DlcaOption options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = DLCA_OPTION_PARSED,
     .value = "FILE",
     .help =
         "write the circuit; FILE ends in .c .v .blif .aag .aig .dot .svg .yosys.json .json or .md; may be repeated",
     .offset = AT(output),
     .parse = parse_output,
     .no_default = "only the report"},
    {FLAG("no-optimize", no_optimize), .help = "leave the circuit as it is: of a model, every gate"},
    {FLAG("prove", prove),
     .help = "prove that the passes kept every output (and with --original, that it is the same circuit), by all "
             "neighbourhoods or by SAT, and by ABC when it is installed"},
    {FLAG("steady", steady),
     .help = "use what is true from some step on whatever the start; the report says from which: valid only then, and "
             "when all cells fire"},
    {FLAG("shrink", shrink),
     .help = "let the way to the target change: right for every start at the trained step and for ever, proven, with "
             "as few gates as a search of some seconds finds"},
    {.name = "original",
     .kind = DLCA_OPTION_TEXT,
     .value = "MODEL",
     .help = "the model or circuit that MODEL was made from by another program: must be the same rule, and gives task, "
             "grid and steps",
     .offset = AT(original)},
    {FLAG("explain", explain), .help = "each channel as boolean expressions, where it depends on up to 12 inputs"},
    {FLAG("quiet", quiet), .help = "print nothing but errors"},
};

DlcaArguments dlca_circuit_arguments(void) {
    return (DlcaArguments){
        .program = "dlca circuit",
        .operands = "MODEL",
        .operand_count = 1,
        .summary =
            "The circuit of a model.safetensors, circuit.json, AIGER or BLIF file: made small, verified, told about\n"
            "and written for other programs.",
        .option = options,
        .options = (int32_t)(sizeof options / sizeof options[0]),
    };
}
