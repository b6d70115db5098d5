/* train_life.c - ./train_life: Conway's life, from every 3x3 torus to its next generation. */
#include "program.h"

int main(int argc, char **argv) {
    return dlca_train_program(argc, argv, "life");
}
