/* circuit_minimize.c - first what keeps every output, then what keeps the scored channels of a rule that runs. */
#include "circuit_minimize.h"

void dlca_minimized_free(DlcaMinimized *minimized) {
    dlca_circuit_free(&minimized->same);
    dlca_circuit_free(&minimized->rule);
    *minimized = (DlcaMinimized){0};
}

bool dlca_minimize(DlcaMinimized *minimized, const DlcaCircuit *from, const DlcaConfig *config, bool steady,
                   DlcaError *error) {
    const DlcaRuleFacts facts = {.channels = config->channels,
                                 .scored_channels = config->scored_channels,
                                 .periodic = config->periodic,
                                 .steady = steady};
    const DlcaMinimizing outputs = {.seed = 1}, across_time = {.seed = 1, .facts = &facts};
    *minimized = (DlcaMinimized){0};
    if (!dlca_rule_minimize(&minimized->same, from, &outputs, &minimized->outputs, error) ||
        !dlca_rule_minimize(&minimized->rule, &minimized->same, &across_time, &minimized->across_time, error)) {
        dlca_minimized_free(minimized);
        return false;
    }
    return true;
}
