/* train_colors.c - ./train_colors: from nothing to a letter in eight colours. */
#include "program.h"

int main(int argc, char **argv) {
    return dlca_train_program(argc, argv, "colors");
}
