/* train_lizard.c - ./train_lizard: from one cell to the outline of a lizard. */
#include "program.h"

int main(int argc, char **argv) {
    return dlca_train_program(argc, argv, "lizard");
}
