/* report_histogram.c - how often each operation occurs, before and after optimization, as a table with bars. Leaves
 * alone: drawing the circuit (report_circuit.c). */
#include "report_circuit.h"
#include "report_text.h"

static int64_t largest(const int64_t count[DLCA_OPS]) {
    int64_t most = 1;
    for (int op = 0; op < DLCA_OPS; op++) {
        most = count[op] > most ? count[op] : most;
    }
    return most;
}

static void add_bar(DlcaText *text, const char *style, int64_t count, int64_t most) {
    dlca_text_add(text, "<td class=\"bar %s\">", style);
    if (count > 0) {
        dlca_text_add(text, "<i style=\"width:%.1f%%\"></i>", 100 * (double)count / (double)most);
    }
    dlca_text_add(text, "</td><td class=\"number\">");
    dlca_report_count(text, count);
    dlca_text_add(text, "</td>");
}

void dlca_report_histogram(DlcaText *text, const uint8_t *ops, int64_t gates, const DlcaCircuit *circuit) {
    int64_t before[DLCA_OPS] = {0}, after[DLCA_OPS] = {0};
    for (int64_t gate = 0; gate < gates; gate++) {
        before[ops[gate]]++;
    }
    for (int32_t gate = 0; gate < circuit->gates; gate++) {
        after[circuit->gate[gate].op]++;
    }
    const int64_t most_before = largest(before), most_after = largest(after);
    dlca_text_add(text, "<table class=\"histogram\"><thead><tr><th>operation</th><th colspan=\"2\">trained</th>"
                        "<th colspan=\"2\">left</th></tr></thead><tbody>\n");
    for (int op = 0; op < DLCA_OPS; op++) {
        if (before[op] + after[op] > 0) {
            dlca_text_add(text, "<tr><th>");
            for (const char *letter = dlca_op_name(op); *letter; letter++) {
                dlca_text_add_bytes(text, *letter == '_' ? " " : letter, 1);
            }
            dlca_text_add(text, "</th>");
            add_bar(text, "before", before[op], most_before);
            add_bar(text, "after", after[op], most_after);
            dlca_text_add(text, "</tr>\n");
        }
    }
    dlca_text_add(text, "</tbody></table>\n");
}
